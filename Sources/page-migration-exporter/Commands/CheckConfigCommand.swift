internal import ArgumentParser
internal import WebConfig

struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Read a web configuration as serve would, and report what is wrong with it.",
    discussion: """
      Exits with 0 if the file can be used as --web.config.file, and with 1 and the line that serve \
      would end with if it cannot. The files that it names are read, too, so run this as the user \
      that serves.
      """)

  @Argument(help: "The file.")
  var file: String

  func run() throws {
    let config: WebConfig
    do throws(ConfigProblem) {
      config = try WebConfig(reading: file)
    } catch {
      throw StartFailure(error)
    }
    let warnings = config.warnings.map { "warning: \($0)\n" }.joined()
    try Console.answer("\(warnings)\(file) can be used: \(config.summary)\n")
  }
}
