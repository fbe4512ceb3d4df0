using Weir.Client.Http;
using Weir.Client.Signing;
using Weir.Client.Telemetry;
using Weir.Protocol;

namespace Weir.Client.Retries;

/// <summary>Sends a request until it succeeds, is refused for good, or the attempts or the budget are used up. Thread-safe.</summary>
internal sealed class RetryLoop(HttpExchange exchange, RetryPolicy policy, RetryBudget budget, ClockSkew skew, TimeProvider time)
{
    /// <param name="operation">What is asked for.</param>
    /// <param name="body">The request. Borrowed until the task completes; a connection that still sends it keeps it by itself.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellationToken">Ends the attempts and the waits; a request already sent may still be carried out.</param>
    /// <exception cref="KinesisException">The last attempt's failure.</exception>
    public Task<T> SendAsync<T>(KinesisOperation operation, RequestBody body, AnswerReader<T> read, CancellationToken cancellationToken)
        where T : class => TryAsync(operation, () => exchange.SendAsync(operation, body, read, cancellationToken), MayTryAgain, cancellationToken);

    /// <summary>One attempt, and another one only if nothing but our clock was wrong. The caller decides about all others, and has no part in the budget.</summary>
    public Task<T> SendOnceAsync<T>(KinesisOperation operation, RequestBody body, AnswerReader<T> read, CancellationToken cancellationToken)
        where T : class => TryAsync(operation, () => exchange.SendAsync(operation, body, read, cancellationToken), Never, cancellationToken);

    /// <summary>As <see cref="SendAsync"/> for an answer that lasts: what happens after its head has come is not tried again.</summary>
    public Task<OpenAnswer> OpenAsync(KinesisOperation operation, RequestBody body, CancellationToken cancellationToken) =>
        TryAsync(operation, () => exchange.OpenAsync(operation, body, cancellationToken), MayTryAgain, cancellationToken);

    private async Task<T> TryAsync<T>(KinesisOperation operation, Func<Task<T>> attemptOnce, Decision mayTryAgain, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var activity = ClientTelemetry.Begin(operation, exchange.Endpoint);
        var (attempts, spent) = (0, 0);
        var clockCorrected = false;
        KinesisFailure? failure = null;
        string? errorCode = null;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                TimeSpan delay;
                try
                {
                    attempts++;
                    var answer = await attemptOnce().ConfigureAwait(false);
                    ClientTelemetry.Attempted(operation, errorCode: null);
                    budget.Refund(spent);
                    errorCode = null;
                    return answer;
                }
                catch (KinesisException exception)
                {
                    failure = exception.Failure;
                    errorCode = failure.Code;
                    ClientTelemetry.Attempted(operation, errorCode);
                    if (!clockCorrected && skew.TryCorrect(failure))
                    {
                        // Our clock was wrong, nothing else: the same attempt once more, at once.
                        clockCorrected = true;
                        attempt--;
                        continue;
                    }

                    if (!mayTryAgain(exception, attempt, out spent))
                        throw;
                    delay = policy.DelayAfter(attempt, failure);
                }

                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not KinesisException)
        {
            errorCode = exception is OperationCanceledException ? ClientTelemetry.Cancelled : exception.GetType().FullName;
            throw;
        }
        finally
        {
            ClientTelemetry.Ended(operation, activity, time.GetElapsedTime(began), attempts, errorCode, failure?.RequestId);
        }
    }

    private static bool Never(KinesisException exception, int attempt, out int cost)
    {
        cost = 0;
        return false;
    }

    // Whether a failed attempt is followed by another one, and what that costs.
    private delegate bool Decision(KinesisException exception, int attempt, out int cost);

    private bool MayTryAgain(KinesisException exception, int attempt, out int cost)
    {
        cost = exception is KinesisConnectionException { Reason: KinesisConnectionFailure.TimedOut } ? RetryBudget.TimeoutCost : RetryBudget.RetryCost;
        return policy.AllowsAnother(attempt, exception.Failure) && budget.TrySpend(cost);
    }
}
