internal import Arguments

struct ProcessOptions: ArgumentGroup {
  let isOn: Bool
  let user: String?

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isOn = try arguments.toggle(
      "collector.process", isOn: true, "CPU time, memory and descriptors of the exporter itself.")
    user = try arguments.value(
      "user", "name", "User to switch to once everything is open, when started as root.")
  }
}
