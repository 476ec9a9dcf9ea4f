internal import Glibc

/// A program that runs to its end.
package enum Command {
  package struct Result: Sendable {
    package let status: ExitStatus
    package let output: [UInt8]
    package let errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// - Parameters:
  ///   - arguments: the program's name or path first.
  ///   - input: what it reads from standard input.
  package static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:],
    limitSeconds: Double = 60
  ) throws -> Result {
    let child = try ChildProcess(arguments, input: input, environment: environment)
    let status = try child.wait(limitSeconds: limitSeconds)
    return Result(status: status, output: try child.output(), errors: try child.errors())
  }

  /// The path of a program. Nil where there is none of that name.
  package static func find(_ name: String) -> String? {
    guard !name.contains("/") else { return name }
    return (Environment.value("PATH") ?? "/usr/bin:/bin").split(separator: ":")
      .map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }
}
