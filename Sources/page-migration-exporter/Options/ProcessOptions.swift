internal import ArgumentParser

struct ProcessOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.process"), inversion: .prefixedNo,
    help: "CPU time, memory and descriptors of the exporter itself.")
  var process = true
}
