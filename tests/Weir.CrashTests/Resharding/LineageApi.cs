using System.Text.Json;

namespace Weir.CrashTests.Resharding;

/// <summary>Calls over one connection that goes on with the next server when the present one dies. For one caller at a time.</summary>
internal sealed class LineageApi(ServerLineage servers) : IDisposable
{
    private Api? _api;
    private Uri? _endpoint;

    /// <summary>Calls once; throws when the server dies under the call, and nobody knows then whether it took effect.</summary>
    public async Task<JsonElement> TryCallAsync(string operation, object input)
    {
        var endpoint = await servers.EndpointAsync();
        if (endpoint != _endpoint)
        {
            _api?.Dispose();
            (_api, _endpoint) = (new Api(endpoint), endpoint);
        }

        return await _api!.CallAsync(operation, input);
    }

    /// <summary>Calls until a server has answered. For calls that change nothing.</summary>
    public async Task<JsonElement> CallAsync(string operation, object input)
    {
        while (true)
        {
            try
            {
                return await TryCallAsync(operation, input);
            }
            catch (Exception exception) when (Died(exception))
            {
                // The next server answers. Until it listens the call waits in EndpointAsync, unless the death is younger than the notice of it.
                await Task.Yield();
            }
        }
    }

    /// <summary>Whether an exception says that the server died under the call.</summary>
    public static bool Died(Exception exception) => exception is HttpRequestException or IOException;

    public void Dispose() => _api?.Dispose();
}
