using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Weir.Server.TestControls.Faults;

/// <summary><c>/_weir/faults</c>: GET lists the faults, POST adds one, DELETE takes all away; <c>/_weir/faults/ID</c>: GET and DELETE of one.</summary>
internal sealed class FaultPage(FaultList faults)
{
    /// <summary>Answers a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="id">What follows the path's name; null for the list.</param>
    public Task AnswerAsync(HttpContext http, string? id)
    {
        var method = http.Request.Method;
        var gets = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (id is null)
        {
            return gets ? ListAsync(http)
                : HttpMethods.IsPost(method) ? AddAsync(http)
                : HttpMethods.IsDelete(method) ? SendRemovedAsync(http, faults.Clear())
                : ControlAnswer.RefuseMethodAsync(http, "GET, POST, DELETE");
        }

        if (!gets && !HttpMethods.IsDelete(method))
            return ControlAnswer.RefuseMethodAsync(http, "GET, DELETE");
        var known = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (gets && known && faults.All.FirstOrDefault(fault => fault.Id == number) is { } found)
            return ControlAnswer.SendAsync(http, StatusCodes.Status200OK, json => FaultWriter.Write(json, found));
        if (!gets && known && faults.Remove(number))
            return SendRemovedAsync(http, 1);
        return ControlAnswer.ComplainAsync(http, StatusCodes.Status404NotFound, $"There is no fault {id}.");
    }

    private Task ListAsync(HttpContext http) => ControlAnswer.SendAsync(http, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("faults");
        foreach (var fault in faults.All)
            FaultWriter.Write(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private async Task AddAsync(HttpContext http)
    {
        var (document, complaint) = await ControlRequest.ReadAsync(http.Request, http.RequestAborted).ConfigureAwait(false);
        using (document)
        {
            if (complaint is null)
                complaint = await AddAsync(http, document!.RootElement).ConfigureAwait(false);
        }

        if (complaint is not null)
            await ControlAnswer.ComplainAsync(http, StatusCodes.Status400BadRequest, complaint).ConfigureAwait(false);
    }

    private async Task<string?> AddAsync(HttpContext http, JsonElement root)
    {
        if (FaultReader.Read(root, out var definition) is { } complaint)
            return complaint;
        if (faults.Add(definition) is not { } fault)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"There are {FaultList.MaxFaults} faults, and there may be no more; DELETE /_weir/faults takes them away.");
        }

        http.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/_weir/faults/{fault.Id}");
        await ControlAnswer.SendAsync(http, StatusCodes.Status201Created, json => FaultWriter.Write(json, fault)).ConfigureAwait(false);
        return null;
    }

    private static Task SendRemovedAsync(HttpContext http, int count) => ControlAnswer.SendAsync(http, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("removed", count);
        json.WriteEndObject();
    });
}
