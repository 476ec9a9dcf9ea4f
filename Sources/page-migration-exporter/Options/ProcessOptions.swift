internal import ArgumentParser

struct ProcessOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.process"), inversion: .prefixedNo,
    help: "CPU time, memory and descriptors of the exporter itself.")
  var isOn = true

  @Option(
    help: ArgumentHelp(
      "User to become once all is opened, where the program is started as root.", valueName: "name")
  )
  var user: String?
}
