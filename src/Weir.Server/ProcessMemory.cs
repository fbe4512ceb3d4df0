using Weir.Model;
using Weir.Server.Http;

namespace Weir.Server;

/// <summary>The memory of a process that is nothing but a server.</summary>
public static class ProcessMemory
{
    // Read by the collector when it is told to look at its limits again.
    private const string HeapLimit = "GCHeapHardLimit";

    /// <summary>
    /// Holds the whole process to the memory limit of its only server: the collector lets the heap grow no further, works harder as it comes
    /// near, and what lies idle in pools is bounded.
    /// </summary>
    /// <param name="options">The server's; <see cref="WeirServerOptions.MemoryLimitBytes"/> decides.</param>
    /// <exception cref="ArgumentException">An option of memory is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The process has more memory already than the limit allows.</exception>
    /// <remarks>Call it before the server starts. Not for a program that does other work as well: that would be held to the limit too.</remarks>
    public static void Bound(WeirServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MemoryPlan.Validate(options);
        var plan = MemoryPlan.Of(options);
        BufferPool.Shared.MaxBytes = plan.BufferBytes;
        AppContext.SetData(HeapLimit, (ulong)plan.HeapBytes);
        GC.RefreshMemoryLimit();
    }

    /// <summary>The limit that a server with these options has, given or derived, in bytes.</summary>
    public static long LimitOf(WeirServerOptions options) => MemoryPlan.Of(options).LimitBytes;
}
