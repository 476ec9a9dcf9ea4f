// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

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
      name: "MigrationReasonsTests", dependencies: ["MigrationReasons", "reasons-holder"],
      swiftSettings: strict),
    .executableTarget(
      name: "reasons-holder", dependencies: ["MigrationReasons"], path: "Tests/ReasonsHolder",
      swiftSettings: strict),
  ])
