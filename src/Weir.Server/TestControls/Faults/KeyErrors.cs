using Weir.Protocol;
using Weir.Streams.Encryption;

namespace Weir.Server.TestControls.Faults;

/// <summary>The errors of the key service as faults name them: by the API's own codes.</summary>
internal static class KeyErrors
{
    private static readonly (KeyState State, string Code)[] All =
    [
        (KeyState.AccessDenied, ErrorCodes.KmsAccessDenied),
        (KeyState.Disabled, ErrorCodes.KmsDisabled),
        (KeyState.InvalidState, ErrorCodes.KmsInvalidState),
        (KeyState.NotFound, ErrorCodes.KmsNotFound),
        (KeyState.OptInRequired, ErrorCodes.KmsOptInRequired),
        (KeyState.Throttled, ErrorCodes.KmsThrottling),
    ];

    /// <summary>Every code, for messages.</summary>
    public static string Codes => string.Join(", ", All.Select(entry => entry.Code));

    /// <summary>The state that a code stands for, or null.</summary>
    public static KeyState? Find(string code)
    {
        foreach (var entry in All)
        {
            if (entry.Code == code)
                return entry.State;
        }

        return null;
    }

    /// <summary>The code of a state.</summary>
    public static string CodeOf(KeyState state) => All.Single(entry => entry.State == state).Code;
}
