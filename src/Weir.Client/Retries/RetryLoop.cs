using Weir.Client.Http;
using Weir.Client.Signing;
using Weir.Protocol;
using Weir.Protocol.Wire;

namespace Weir.Client.Retries;

/// <summary>Sends a request until it succeeds, is refused for good, or the attempts or the budget are used up. Thread-safe.</summary>
internal sealed class RetryLoop(HttpExchange exchange, RetryPolicy policy, RetryBudget budget, ClockSkew skew, TimeProvider time)
{
    /// <param name="operation">What is asked for.</param>
    /// <param name="body">The request. Borrowed until the task completes, and by the connection for as long as it still sends.</param>
    /// <param name="cancellationToken">Ends the attempts and the waits; a request already sent may still be carried out.</param>
    /// <exception cref="KinesisException">The last attempt's failure.</exception>
    public Task<WireValue> SendAsync(KinesisOperation operation, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        TryAsync(() => exchange.SendAsync(operation, body, cancellationToken), cancellationToken);

    /// <summary>As <see cref="SendAsync"/> for an answer that lasts: what happens after its head has come is not tried again.</summary>
    public Task<OpenAnswer> OpenAsync(KinesisOperation operation, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        TryAsync(() => exchange.OpenAsync(operation, body, cancellationToken), cancellationToken);

    private async Task<T> TryAsync<T>(Func<Task<T>> attemptOnce, CancellationToken cancellationToken)
    {
        var spent = 0;
        var clockCorrected = false;
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan delay;
            try
            {
                var answer = await attemptOnce().ConfigureAwait(false);
                budget.Refund(spent);
                return answer;
            }
            catch (KinesisException exception) when (!clockCorrected && skew.TryCorrect(exception.Failure))
            {
                // Our clock was wrong, nothing else: the same attempt once more, at once.
                clockCorrected = true;
                attempt--;
                continue;
            }
            catch (KinesisException exception) when (MayTryAgain(exception, attempt, out spent))
            {
                delay = policy.DelayAfter(attempt, exception.Failure);
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool MayTryAgain(KinesisException exception, int attempt, out int cost)
    {
        cost = exception is KinesisConnectionException { Reason: KinesisConnectionFailure.TimedOut } ? RetryBudget.TimeoutCost : RetryBudget.RetryCost;
        return policy.AllowsAnother(attempt, exception.Failure) && budget.TrySpend(cost);
    }
}
