#!/usr/bin/env bash
# Makes every icon file from the two SVG sources. Needs rsvg-convert, ImageMagick and png2icns
# (Debian: librsvg2-bin imagemagick icnsutils).
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

png() { rsvg-convert --width "$2" --height "$2" "$1" --output "$3"; }

png icon.svg 32 32x32.png
png icon.svg 128 128x128.png
png icon.svg 256 128x128@2x.png
png icon.svg 512 icon.png
png tray.svg 64 tray.png

# Windows picks the nearest size in the file, so each one is drawn from the vector, not scaled from another.
ico=()
for size in 16 24 32 48 64 256; do
  png icon.svg $size "$work/$size.png"
  ico+=("$work/$size.png")
done
convert "${ico[@]}" icon.ico

icns=()
for size in 16 32 128 256 512 1024; do
  png icon.svg $size "$work/icns-$size.png"
  icns+=("$work/icns-$size.png")
done
png2icns icon.icns "${icns[@]}" >/dev/null
