internal import Arguments
internal import WebConfig

struct CheckConfigCommand: Command {
  static let name = "check-config"
  static let abstract = "Read a web configuration as serve would, and report what is wrong with it."
  static let discussion: String? = """
    Exits with 0 if the file can be used as --web.config.file, and with 1 and the line that serve \
    would end with if it cannot. The files that it names are read, too, so run this as the user \
    that serves.
    """

  let file: String

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    file = try arguments.requiredOperand("file", "The file.")
  }

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
