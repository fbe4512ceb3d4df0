using System.Text.Json.Nodes;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>One client's walk through the tour on a server of its own.</summary>
/// <param name="client">Who walks.</param>
/// <param name="tour">The steps.</param>
/// <param name="takes">Which of the steps this client takes.</param>
/// <param name="missing">Operations that the server answers as unknown: the steps that need one are passed over.</param>
internal sealed class TourRun(ITourClient client, Tour tour, Predicate<TourStep> takes, IReadOnlySet<string> missing)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string> _variables = new(tour.Variables);

    // Variables that no step will set, with the operation that failed, or that the server lacks.
    private readonly Dictionary<string, string> _unset = [];

    // Set once the client itself, and not an answer, went wrong: it is not asked again.
    private string? _breakdown;

    /// <summary>Takes every step, also after one that differs, and says what came of each.</summary>
    public async Task<IReadOnlyList<StepOutcome>> WalkAsync()
    {
        var outcomes = new List<StepOutcome>();
        foreach (var step in tour.Steps.Where(step => takes(step)))
        {
            var lacked = Lacks(step);
            var outcome = lacked is null ? await TakeAsync(step) : new StepOutcome(step, MissingOperation: lacked);
            foreach (var variable in step.Save.Keys.Where(variable => !_variables.ContainsKey(variable)))
                _unset[variable] = lacked ?? step.Operation;
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private string? Lacks(TourStep step) =>
        step.Needs.Prepend(step.Operation).FirstOrDefault(missing.Contains)
        ?? TourValue.VariablesOf(step.Input).Select(_unset.GetValueOrDefault).FirstOrDefault(operation => operation is not null && missing.Contains(operation));

    private async Task<StepOutcome> TakeAsync(TourStep step)
    {
        if (_breakdown is not null)
            return new StepOutcome(step, Difference: $"not taken, since the client broke down: {_breakdown}");
        if (TourValue.VariablesOf(step.Input).FirstOrDefault(_unset.ContainsKey) is { } variable)
            return new StepOutcome(step, Difference: $"not taken: the step of {_unset[variable]} that was to set ${{{variable}}} failed");
        StepOutcome? last = null;
        try
        {
            last = await CallAsync(step);
            if (last.Difference is null || !step.Until)
                return last;
            return await Polling.UntilAsync(step.ToString(), Patience, async () =>
            {
                last = await CallAsync(step);
                return last.Difference is null ? last : null;
            });
        }
        catch (TimeoutException reason)
        {
            return new StepOutcome(step, Difference: $"{reason.Message} The last answer: {last?.Difference}");
        }
        catch (Exception reason) when (reason is InvalidDataException or IOException or HttpRequestException)
        {
            _breakdown = reason.Message;
            return new StepOutcome(step, Difference: reason.Message);
        }
    }

    private async Task<StepOutcome> CallAsync(TourStep step)
    {
        var input = (JsonObject)TourValue.Fill(step.Input, _variables)!;
        var answer = await client.CallAsync(new TourCall(step.Operation, input, step.Recent, TourValue.Fill(step.ReadUntil, _variables)));
        return answer switch
        {
            TourAnswer.Refusal refusal => new StepOutcome(step, Difference: DifferenceOf(step, refusal)),
            TourAnswer.Output output => new StepOutcome(step, Difference: DifferenceOf(step, output), NewerModel: output.NewerModel),
            _ => throw new InvalidOperationException($"An answer of a kind that nobody knows: {answer}."),
        };
    }

    private string? DifferenceOf(TourStep step, TourAnswer.Refusal refusal)
    {
        if (step.Refused != refusal.Type || refusal.Status != 400)
            return $"expected {step.Refused ?? "a success"}, got {refusal.Status} {refusal.Type}: {refusal.Message}";
        var message = step.Message is null ? refusal.Message : TourValue.Fill(step.Message, _variables);
        return message == refusal.Message ? null : $"expected the text\n  {message}\ngot\n  {refusal.Message}";
    }

    private string? DifferenceOf(TourStep step, TourAnswer.Output output)
    {
        if (step.Refused is not null)
            return $"expected {step.Refused}, got {output.Members.ToJsonString()}";
        var members = WithRecordsOfEvents(output.Members);
        foreach (var (path, expected) in step.Expect)
        {
            if (Expectation.Difference(TourValue.Fill(expected, _variables), TourValue.At(members, path)) is { } difference)
                return $"{path}: {difference}\n  in {members.ToJsonString()}";
        }

        foreach (var (variable, path) in step.Save)
        {
            if (TourValue.At(members, path) is not { } value)
                return $"{path}: nothing there\n  in {members.ToJsonString()}";
            _variables[variable] = value.GetValue<string>();
        }

        return null;
    }

    /// <summary>Where a subscription's events end is the server's business; their records in one list are not.</summary>
    private static JsonObject WithRecordsOfEvents(JsonObject members)
    {
        if (members["Events"] is JsonArray events)
            members["Records"] = new JsonArray([.. events.SelectMany(received => received!["Records"]!.AsArray()).Select(record => record!.DeepClone())]);
        return members;
    }
}

/// <summary>What came of one step: as expected when neither of the texts is there.</summary>
/// <param name="Step">The step.</param>
/// <param name="Difference">How the answer differed.</param>
/// <param name="MissingOperation">An operation that the step needs and the server does not have.</param>
/// <param name="NewerModel">The client could make the call only with a newer service model than it comes with.</param>
internal sealed record StepOutcome(TourStep Step, string? Difference = null, string? MissingOperation = null, bool NewerModel = false);
