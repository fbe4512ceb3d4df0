using Microsoft.Extensions.Options;

namespace Weir.Client.Hosting;

/// <summary>Says at the application's start what is wrong with the options, in the words of the options themselves.</summary>
internal sealed class KinesisClientOptionsValidation : IValidateOptions<KinesisClientOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, KinesisClientOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }
}
