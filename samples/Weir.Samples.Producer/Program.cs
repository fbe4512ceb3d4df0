using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Samples.Producer;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddWeirClient(options => builder.Configuration.GetSection("Kinesis").Bind(options));
builder.Services.AddWeirProducer(options => builder.Configuration.GetSection("Producer").Bind(options));
builder.Services.AddHostedService<Gauges>();
await builder.Build().RunAsync();
