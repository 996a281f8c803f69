# https://just.systems: `just` lists the recipes.

# List the recipes.
default:
    @just --list

# Find type errors, in seconds.
check:
    cargo check --tests

# Run the command-line tests whose name contains FILTER.
cli FILTER="":
    cargo test --test cli {{ FILTER }}

# Format, and fail on warnings.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Regenerate schemas, reports, generated pages and expected outputs.
update:
    UPDATE_EXPECT=1 cargo test --test cli -- published:: examples:: tutorials::

# Build the documentation as a book in target/book, and check its links.
book:
    .ci/book

# Run the example of the README on the simulated AWS.
example:
    cargo run -- check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml --fail-on none

# Run the gate.
gate:
    .ci/run
