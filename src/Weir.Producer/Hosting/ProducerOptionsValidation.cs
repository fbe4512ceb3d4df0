using Microsoft.Extensions.Options;

namespace Weir.Producer.Hosting;

/// <summary>Says at the application's start what is wrong with the options, in the words of the options themselves.</summary>
internal sealed class ProducerOptionsValidation : IValidateOptions<ProducerOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, ProducerOptions options)
    {
        try
        {
            options.Validated();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }
}
