namespace Weir.Server;

/// <summary>The sockets of a process that is nothing but a server, or nothing but its client.</summary>
public static class ProcessSockets
{
    /// <summary>The variable by which System.Net.Sockets decides, when the process first waits for a socket.</summary>
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Lets what waits for a socket go on on the thread that polls for all of them, of which there is then one for each processor: a switch
    /// of threads less for each message. On Linux; elsewhere it does nothing.
    /// </summary>
    /// <returns>False when the variable was set already, which then decides.</returns>
    /// <remarks>
    /// Call it before the process uses a socket. Not for a program that does other work as well: whatever that does after an answer has come
    /// would keep other sockets waiting, and a blocking wait for one of them would never end.
    /// </remarks>
    public static bool CompleteWherePolled()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
            return false;
        Environment.SetEnvironmentVariable(Variable, "1");
        return true;
    }
}
