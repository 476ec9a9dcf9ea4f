// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let strict = settings + [.strictMemorySafety()]

let package = Package(
  name: "page-migration-exporter",
  traits: [
    .default(enabledTraits: ["Reasons"]),
    .trait(name: "Reasons", description: "Migrations by reason, by eBPF; needs libbpf."),
  ],
  targets: [
    .systemLibrary(name: "CBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
    .systemLibrary(name: "CCapability"),
    .plugin(name: "EBPFProgram", capability: .buildTool()),
    .target(
      name: "MigrationReasons",
      dependencies: [
        .target(name: "CBPF", condition: .when(traits: ["Reasons"])),
        "CCapability",
      ],
      exclude: ["migration.bpf.c", "migration.swift.in"],
      swiftSettings: strict,
      plugins: ["EBPFProgram"]),
    .testTarget(
      name: "MigrationReasonsTests",
      dependencies: ["MigrationReasons", "reasons-holder", "provoke"],
      swiftSettings: settings),
    .executableTarget(
      name: "reasons-holder", dependencies: ["MigrationReasons"], path: "Tests/ReasonsHolder",
      swiftSettings: settings),
    .executableTarget(name: "provoke", path: "Tests/Provoke"),
  ])
