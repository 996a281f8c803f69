# shellcheck shell=bash
# Builds OCI images without a daemon, with umoci. Sourced by `image` and `ci-image` after common.sh. The caller sets $work, an empty folder,
# and $layout, where the image is built.

created="$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
# The user of the images: without a name on the host, and the same in Kubernetes manifests.
image_user=65532

# other_processor BINARY: the end of an image's name that tells it from that for x86-64.
other_processor() { case "$(machine "$1")" in x86_64) ;; aarch64) echo -arm64 ;; esac; }

# layer FILE TREE: packs a folder with fixed times, root as owner but for the user's home, and names in a fixed order.
layer() {
  reproducible_tar --directory="$2" --exclude=./home/nonroot . > "$1"
  [ ! -d "$2/home/nonroot" ] || tar --append --format=ustar --mtime="@$SOURCE_DATE_EPOCH" --owner="$image_user" --group="$image_user" \
    --numeric-owner --directory="$2" --file="$1" ./home/nonroot
}

# new_image BINARY: an empty image for the processor of the binary.
new_image() {
  umoci init --layout "$layout"
  umoci new --image "$layout:image"
  umoci config --image "$layout:image" --no-history --created "$created" --os linux \
    --architecture "$(debian_architecture "$1")" --author driftline
}

# add_layer FILE WHAT: adds a layer, with a line of history.
add_layer() {
  umoci raw add-layer --image "$layout:image" --history.created "$created" --history.created_by "$2" --history.author driftline "$1"
}

# driftline_layer BINARY FOLDER: the tree that both images have: the program, licences, the user and its folders.
driftline_layer() {
  local tree="$2"
  install -D -m 755 "$1" "$tree/usr/bin/driftline"
  install -d -m 755 "$tree/usr/share/doc/driftline" "$tree/policies" "$tree/home" "$tree/home/nonroot"
  install -m 644 "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$tree/usr/share/doc/driftline"
  "$root/packaging/third-party-licenses" "$(target "$1")" > "$tree/usr/share/doc/driftline/THIRD-PARTY-LICENSES.txt"
}

# pack_image FILE REFERENCE SETTING…: sets labels and settings, names the image, and packs the folder as an OCI archive.
pack_image() {
  local file="$1" reference="$2" repository label labels=()
  shift 2
  repository="$(sed -n 's/^Repository = "\(.*\)"$/\1/p' "$root/packaging/pypi/pyproject.toml")"
  for label in "title=driftline" "version=$(version)" "source=$repository" "licenses=MIT OR Apache-2.0" "created=$created" \
    "revision=$(commit)" "description=Compares the Macie and Session Manager configuration of AWS accounts with policy files"; do
    labels+=(--config.label "org.opencontainers.image.$label")
  done
  umoci config --image "$layout:image" --no-history --created "$created" --config.user "$image_user:$image_user" "${labels[@]}" "$@"
  umoci tag --image "$layout:image" "$reference"
  umoci rm --image "$layout:image"
  umoci gc --layout "$layout"
  reproducible_tar --mode=u=rwX,go=rX --directory="$layout" index.json oci-layout blobs > "$work/archive.tar"
  install -m 644 "$work/archive.tar" "$file"
}
