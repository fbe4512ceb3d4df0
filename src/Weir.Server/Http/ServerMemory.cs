namespace Weir.Server.Http;

/// <summary>What requests take from each other, with the bounds of it: memory, and the processors.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ServerMemory : IDisposable
{
    /// <summary>Makes the budgets.</summary>
    /// <param name="requestBytes">What requests and answers may hold together.</param>
    /// <param name="eventBytes">See <see cref="EventMemory"/>.</param>
    /// <param name="longestWait">How long a request waits for its share.</param>
    /// <param name="time">Measures waits: the machine's clock, whatever a test makes of the server's.</param>
    public ServerMemory(int requestBytes, int eventBytes, TimeSpan longestWait, TimeProvider time)
    {
        SmallRequests = new ByteBudget(requestBytes / 16, longestWait, time);
        Requests = new ByteBudget(requestBytes - SmallRequests.Bytes, longestWait, time);
        Answers = new ByteBudget(requestBytes / 2, longestWait, time);
        Events = new EventMemory(eventBytes, time);
    }

    /// <summary>Large requests, and answers.</summary>
    public ByteBudget Requests { get; }

    /// <summary>
    /// Requests of up to <see cref="LargeWork.SmallBytes"/>: a sixteenth. In one line with the others each of them would wait for all the
    /// large ones that came before it, seconds under a flood.
    /// </summary>
    public ByteBudget SmallRequests { get; }

    /// <summary>What requests and answers hold.</summary>
    public long UsedBytes => Requests.UsedBytes + SmallRequests.UsedBytes;

    /// <summary>What requests and answers wait for.</summary>
    public long WaitingBytes => Requests.WaitingBytes + SmallRequests.WaitingBytes + Answers.WaitingBytes;

    /// <summary>Waits that were in vain.</summary>
    public long Refusals => Requests.Refusals + SmallRequests.Refusals + Answers.Refusals;

    /// <summary>
    /// What of it answers may have: half. An answer lasts as long as its reader likes, so that a few who do not read would keep everybody from
    /// sending; bodies are processed in milliseconds once they are there, and may have all.
    /// </summary>
    public ByteBudget Answers { get; }

    /// <summary>Events of subscriptions.</summary>
    public EventMemory Events { get; }

    /// <summary>Turns on the processors.</summary>
    public LargeWork LargeWork { get; } = LargeWork.ForThisMachine();

    /// <summary>Which budget pays for a request's body.</summary>
    /// <param name="contentLength">Its length; null when it is not known, and may be anything.</param>
    public ByteBudget BudgetOf(long? contentLength) => contentLength <= LargeWork.SmallBytes ? SmallRequests : Requests;

    /// <summary>Takes room for an answer at once, or not at all.</summary>
    /// <returns>What gives it back when disposed, or null.</returns>
    public IDisposable? TryTakeForAnswer(int bytes)
    {
        if (Answers.TryTake(bytes) is not { } part)
            return null;
        if (Requests.TryTake(bytes) is { } whole)
            return new AnswerShare(part, whole);
        part.Dispose();
        return null;
    }

    /// <summary>Takes room for an answer, waiting for it.</summary>
    /// <returns>What gives it back when disposed, or null when the wait was too long.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<IDisposable?> TakeForAnswerAsync(int bytes, CancellationToken cancellationToken)
    {
        if (await Answers.TakeAsync(bytes, cancellationToken).ConfigureAwait(false) is not { } part)
            return null;
        try
        {
            if (await Requests.TakeAsync(bytes, cancellationToken).ConfigureAwait(false) is { } whole)
                return new AnswerShare(part, whole);
        }
        catch
        {
            part.Dispose();
            throw;
        }

        part.Dispose();
        return null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Requests.Dispose();
        SmallRequests.Dispose();
        Answers.Dispose();
        Events.Dispose();
    }

    private sealed class AnswerShare(IDisposable part, IDisposable whole) : IDisposable
    {
        public void Dispose()
        {
            whole.Dispose();
            part.Dispose();
        }
    }
}
