// swift-tools-version: 6.3
import PackageDescription

/// What every target of ours is compiled with. Warnings are errors where CI says so, never for a
/// user whose compiler is newer than ours.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: Context.environment["CI"] == nil ? .warning : .error),
]

/// Whatever is unsafe in a target of the program is marked, so that it can be found.
let ours: [SwiftSetting] = common + [.strictMemorySafety()]

let revision = Context.gitInformation?.currentCommit.prefix(12) ?? "unknown"

let package = Package(
  name: "page-migration-exporter",
  products: [
    .executable(name: "page-migration-exporter", targets: ["page-migration-exporter"])
  ],
  traits: [
    .default(enabledTraits: ["Reasons"]),
    .trait(
      name: "Reasons",
      description: "Migrations by reason, by eBPF; needs libbpf to build and to run."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2")
  ],
  targets: [
    // The line, in the order in which bytes travel.
    .target(name: "System", dependencies: ["CLinux"], swiftSettings: ours),
    .target(name: "Histograms", swiftSettings: ours),
    .target(name: "KernelText", dependencies: ["System", "CLinux"], swiftSettings: ours),
    .target(
      name: "PageMigration", dependencies: ["System", "Histograms", "KernelText"],
      swiftSettings: ours),
    .target(
      name: "MigrationReasons",
      dependencies: [
        "System", "Histograms", "KernelText", "CLinux",
        .target(name: "CBPF", condition: .when(traits: ["Reasons"])),
      ],
      exclude: [
        "migration.bpf.c", "migration.swift.in", "causes.bpf.c", "causes.swift.in", "waits.bpf.c",
        "waits.swift.in", "device.bpf.c", "device.swift.in", "percpu.bpf.c", "percpu.swift.in",
        "ebpf.h",
      ],
      swiftSettings: ours,
      plugins: ["EBPFProgram"]),
    .target(name: "Exposition", dependencies: ["System", "Histograms"], swiftSettings: ours),
    .target(
      name: "Collectors",
      dependencies: ["System", "KernelText", "PageMigration", "MigrationReasons", "Exposition"],
      swiftSettings: ours),
    .target(name: "TLS", dependencies: ["System", "CGnuTLS"], swiftSettings: ours),
    .target(name: "WebConfig", dependencies: ["System", "TLS", "CYAML"], swiftSettings: ours),
    .target(
      name: "WebServer",
      dependencies: [
        "System", "TLS", "WebConfig", "CLinux", "CMicrohttpd", "CDeflate", "CCrypt", "CGnuTLS",
        "CReceive",
      ],
      swiftSettings: ours),
    .target(
      name: "Views",
      dependencies: ["System", "KernelText", "PageMigration", "MigrationReasons"],
      swiftSettings: ours),
    .target(
      name: "Explain",
      dependencies: [
        "System", "PageMigration", "MigrationReasons", "Exposition", "Collectors", "Views",
      ],
      swiftSettings: ours),
    .target(
      name: "Routes",
      dependencies: [
        "System", "Exposition", "Collectors", "WebConfig", "WebServer", "Views", "Explain",
      ],
      // The live page is a part of the program: one file to install, nothing to find at run time.
      resources: [.embedInCode("Browser")],
      swiftSettings: ours),
    .target(
      name: "Remote", dependencies: ["System", "PageMigration", "TLS", "Views"],
      swiftSettings: ours),
    .target(
      name: "Doctor",
      dependencies: [
        "System", "KernelText", "PageMigration", "MigrationReasons", "Exposition", "Collectors",
        "WebServer", "Views", "Remote",
      ],
      swiftSettings: ours),
    .target(
      name: "Service",
      dependencies: ["System", "Views", .product(name: "Logging", package: "swift-log")],
      swiftSettings: ours),
    .target(name: "Arguments", dependencies: ["System"], swiftSettings: ours),
    .executableTarget(
      name: "page-migration-exporter",
      dependencies: [
        "System", "KernelText", "PageMigration", "MigrationReasons", "Collectors", "Exposition",
        "TLS", "WebConfig", "WebServer", "Views", "Explain", "Routes", "Remote", "Doctor",
        "Service", "Arguments", "CBuildInfo",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: ours,
      linkerSettings: [
        // A released binary needs no Swift runtime on the host that it watches. (The package strips it,
        // and has its debugging information beside it.) The folder has the runtime's C++ library, from its archive.
        .unsafeFlags(
          [
            "-static-stdlib", "-use-ld=lld", "-Xlinker", "--gc-sections",
            "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "relro",
            "-Xlinker", "-z", "-Xlinker", "now",
            "-L\(Context.packageDirectory)/Sources/CBuildInfo/link",
          ], .when(configuration: .release))
      ]),

    // C: what the system's libraries declare, the one fact that only the manifest knows, and what only C can do.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
    .systemLibrary(
      name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CGnuTLS", pkgConfig: "gnutls", providers: [.apt(["libgnutls28-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
    .target(name: "CReceive"),
    .target(
      name: "CBuildInfo", exclude: ["link"],
      cSettings: [.define("PAGE_MIGRATION_REVISION", to: "\"\(revision)\"")]),

    // What compiles the eBPF program during the build.
    .plugin(name: "EBPFProgram", capability: .buildTool()),

    // What the tests share, and a test target for each module, the whole program and this repository.
    .target(
      name: "TestSupport", dependencies: ["TLS"], path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(
      name: "SystemTests", dependencies: ["System", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "ViewsTests",
      dependencies: [
        "Views", "System", "KernelText", "PageMigration", "MigrationReasons", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ExplainTests", dependencies: ["Explain", "System", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "KernelTextTests", dependencies: ["System", "KernelText", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "PageMigrationTests",
      dependencies: ["System", "Histograms", "KernelText", "PageMigration", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ExpositionTests",
      dependencies: ["System", "Histograms", "Exposition", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "CollectorsTests",
      dependencies: [
        "System", "Collectors", "Exposition", "KernelText", "MigrationReasons", "PageMigration",
        "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "WebConfigTests", dependencies: ["System", "TLS", "WebConfig", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "WebServerTests",
      dependencies: ["System", "TLS", "WebConfig", "WebServer", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "RoutesTests",
      dependencies: ["Routes", "System", "Exposition", "WebServer", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "RemoteTests",
      dependencies: ["Remote", "System", "PageMigration", "Views", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ServiceTests", dependencies: ["Service", "System", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "ArgumentsTests", dependencies: ["Arguments", "System"], swiftSettings: common),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["page-migration-exporter", "System", "KernelText", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "RepositoryTests",
      dependencies: [
        "page-migration-exporter", "System", "Collectors", "Explain", "Exposition", "KernelText",
        "MigrationReasons", "PageMigration", "TestSupport", "Views",
      ],
      swiftSettings: common),
    .testTarget(
      name: "MigrationReasonsTests",
      dependencies: [
        "System", "Collectors", "KernelText", "MigrationReasons", "PageMigration", "TestSupport",
        "page-migration-exporter", "provoke",
      ],
      swiftSettings: common),
    .executableTarget(name: "provoke", path: "Tests/Provoke"),
    .executableTarget(
      name: "micro-benchmarks",
      dependencies: ["System", "KernelText", "PageMigration", "Exposition", "Collectors"],
      path: "Tests/Benchmarks/Micro", swiftSettings: common),
  ]
)

// libFuzzer brings the main function, so the fuzzers are built only where they are asked for.
if Context.environment["FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "System", "KernelText", "PageMigration", "MigrationReasons", "Exposition",
        "Collectors", "Explain", "Views", "WebConfig", "WebServer",
      ],
      path: "Tests/Fuzz", exclude: ["Corpus", "run"],
      swiftSettings: common + [.unsafeFlags(["-parse-as-library"])]))
}
