import Foundation
import PackagePlugin

/// Compiles `NAME.bpf.c` with the Swift toolchain's own clang, and writes the object's bytes into
/// `NAME.swift`, made of the template `NAME.swift.in`.
///
/// clang's `#embed` puts the bytes into the template, so no tool of ours has to be built first. Both
/// steps are one command because SwiftPM would copy an object file between them into a resource
/// bundle beside the binary.
@main
struct EBPFProgram: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL.path(percentEncoded: false)
    let work = context.pluginWorkDirectoryURL
    let headers = try files(of: target, ending: ".h").map {
      target.directoryURL.appending(path: $0)
    }
    return try programs(of: target).map { name in
      let program = target.directoryURL.appending(path: "\(name).bpf.c")
      let template = target.directoryURL.appending(path: "\(name).swift.in")
      let embedded = work.appending(path: "\(name).swift")
      return .buildCommand(
        displayName: "Compiling eBPF program \(name)",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-euc", Self.script, "sh",
          try context.tool(named: "clang").url.path(percentEncoded: false),
          try context.tool(named: "llvm-objcopy").url.path(percentEncoded: false),
          program.path(percentEncoded: false),
          work.appending(path: "\(name).bpf.o").path(percentEncoded: false),
          template.path(percentEncoded: false),
          embedded.path(percentEncoded: false),
          package,
        ],
        inputFiles: [program, template] + headers,
        outputFiles: [embedded])
    }
  }

  /// `-g` makes the BTF that describes the maps. The DWARF beside it is of no use in the binary, and
  /// the prefix map keeps the builder's paths out of both.
  private static let script = """
    clang=$1 objcopy=$2 program=$3 object=$4 template=$5 embedded=$6 package=$7
    "$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror "-ffile-prefix-map=$package=." \
      -c "$program" -o "$object"
    "$objcopy" --strip-debug "$object"
    "$clang" -E -P -x c -std=c23 "--embed-dir=${object%/*}" "$template" -o "$embedded"
    """

  private func programs(of target: any Target) throws -> [String] {
    try files(of: target, ending: ".bpf.c").map { String($0.dropLast(".bpf.c".count)) }
  }

  private func files(of target: any Target, ending: String) throws -> [String] {
    let directory = target.directoryURL.path(percentEncoded: false)
    return try FileManager.default.contentsOfDirectory(atPath: directory)
      .filter { $0.hasSuffix(ending) }
      .sorted()
  }
}
