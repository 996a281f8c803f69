//! Passes the target triple to the program, for `driftline --version --verbose`. Nothing else is known to a build script alone.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(target) = std::env::var("TARGET") {
        println!("cargo::rustc-env=DRIFTLINE_TARGET={target}");
    }
}
