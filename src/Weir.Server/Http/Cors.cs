using Microsoft.AspNetCore.Http;

namespace Weir.Server.Http;

/// <summary>What browsers ask and get (spec section 2.9).</summary>
internal static class Cors
{
    private const string ExposedHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date";
    private const string MaxAgeSeconds = "172800";

    /// <summary>Whether a browser asks for permission. <c>OPTIONS</c> without an origin is no such question.</summary>
    public static bool IsPreflight(HttpRequest request) => HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0;

    /// <summary>Gives the permission: everything that was asked for.</summary>
    public static void AnswerPreflight(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        if (http.Request.Headers.TryGetValue("Access-Control-Request-Headers", out var requestHeaders))
            headers.AccessControlAllowHeaders = requestHeaders;
        if (http.Request.Headers.TryGetValue("Access-Control-Request-Method", out var requestMethod))
            headers.AccessControlAllowMethods = requestMethod;
        headers.AccessControlMaxAge = MaxAgeSeconds;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentLength = 0;
    }

    /// <summary>Lets a browser's script read an ordinary answer.</summary>
    public static void AddHeaders(HttpContext http)
    {
        if (http.Request.Headers.Origin.Count == 0)
            return;
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.AccessControlExposeHeaders = ExposedHeaders;
    }
}
