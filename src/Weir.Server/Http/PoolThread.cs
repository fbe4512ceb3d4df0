using System.Runtime.CompilerServices;

namespace Weir.Server.Http;

/// <summary>
/// Leaves a thread that others wait for, the one that polls the sockets or one that commits, before work of more than a few microseconds or
/// work that may block. On a thread of the pool there is nothing to leave, and it costs nothing.
/// </summary>
internal static class PoolThread
{
    /// <summary>Goes on on a thread of the pool.</summary>
    public static Entering Enter() => default;

    /// <summary>To be awaited, once and at once.</summary>
    public readonly struct Entering : ICriticalNotifyCompletion
    {
        /// <summary>Whether the thread is one of the pool's already.</summary>
        public bool IsCompleted => Thread.CurrentThread.IsThreadPoolThread;

        /// <summary>Itself.</summary>
        public Entering GetAwaiter() => this;

        /// <summary>There is no result.</summary>
        public void GetResult()
        {
        }

        /// <inheritdoc />
        public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static go => go(), continuation, preferLocal: false);

        /// <inheritdoc />
        public void UnsafeOnCompleted(Action continuation) => ThreadPool.UnsafeQueueUserWorkItem(static go => go(), continuation, preferLocal: false);
    }
}
