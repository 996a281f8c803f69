# https://just.systems: `just` lists the recipes.

# The recipes.
default:
    @just --list

# Type errors, in seconds.
check:
    cargo check --tests

# Tests of the command line whose name contains FILTER.
cli FILTER="":
    cargo test --test cli {{ FILTER }}

# What lands is formatted and has no warning.
lint:
    cargo fmt
    cargo clippy --all-targets -- -D warnings

# Schemas, reports and expected outputs, written anew.
update:
    UPDATE_EXPECT=1 cargo test --test cli -- published:: examples::

# The example of the README, on the simulated AWS.
example:
    cargo run -- check --config examples/organization/driftline.toml --simulate examples/organization/world.yaml || [ $? -eq 6 ]

# The gate.
gate:
    .ci/run
