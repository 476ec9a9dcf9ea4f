internal import ArgumentParser

struct ProcessOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.process"), inversion: .prefixedNo,
    help: "CPU time, memory and descriptors of the exporter itself.")
  var isOn = true

  @Option(
    help: ArgumentHelp(
      "User to switch to once everything is open, when started as root.", valueName: "name")
  )
  var user: String?
}
