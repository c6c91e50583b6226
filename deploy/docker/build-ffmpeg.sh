#!/bin/sh
# Builds ffmpeg for the images into FOLDER, from the source package of the Debian it runs on, with Debian's security
# fixes: sound only, from files and pipes, and no more than speakr asks of it (server/ingestion/decode-media.ts,
# server/archiver/track-archive.ts). Beside it Debian's record of the package, by which scanners know what it is, and its
# licence.
#
#   sh deploy/docker/build-ffmpeg.sh FOLDER
set -eu
out=$1
work=$(mktemp -d)

# Demuxers by the names that ffmpeg is built by, of every format that ingestion lets through, and raw PCM.
demuxers='aac ac3 aiff amr amrnb amrwb ape asf au avi caf eac3 flac flv gsm matroska mov mp3 mpc mpc8 mpegps mpegts ogg
  pcm_s16le rm tak tta voc w64 wav wtv wv'
# By these it tells what else is in a film; without them it takes pictures for sound.
probes='dts h264 hevc loas m4v mpegvideo truehd'
decoders='aac aac_latm ac3 adpcm_g722 adpcm_g726 adpcm_g726le adpcm_ima_qt adpcm_ima_wav adpcm_ms adpcm_sbpro_2
  adpcm_sbpro_3 adpcm_sbpro_4 adpcm_swf adpcm_yamaha alac amrnb amrwb ape atrac1 atrac3 atrac3p cook dca eac3 flac g723_1
  g729 gsm gsm_ms ilbc libspeex mace3 mace6 mlp mp1float mp2float mp3float mpc7 mpc8 nellymoser opus pcm_* qcelp qdm2 qdmc ra_144
  ra_288 ralf s302m sipr tak truehd truespeech tta vorbis wavpack wmalossless wmapro wmav1 wmav2 wmavoice'
parsers='aac aac_latm ac3 amr cook dca flac g723_1 g729 gsm mlp mpegaudio opus sipr tak vorbis'
encoders='flac pcm_s16le'
muxers='flac pcm_s16le'
filters='aformat anull aresample'
protocols='file pipe'

. /etc/os-release
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in debian/$VERSION_CODENAME debian-security/$VERSION_CODENAME-security; do
  echo "deb-src [signed-by=$keyring] http://deb.debian.org/${suite%%/*} ${suite#*/} main"
done > /etc/apt/sources.list.d/ffmpeg-source.list
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends dpkg-dev gcc libc6-dev libspeex-dev make nasm pkgconf zlib1g-dev \
  > /dev/null
# ffmpeg's own decoder of Speex makes twice as much sound as there is in wideband (7.1.5). Without the shared library the
# other one is put in whole.
rm -f /usr/lib/*/libspeex.so
cd "$work"
# What was fetched is as the signed list has it; it need not belong to the user apt fetches as.
apt-get -qq -o APT::Sandbox::User=root source ffmpeg > /dev/null
cd ffmpeg-*/

set -f
switches() { for name in $2; do echo "--enable-$1=$name"; done; }
# shellcheck disable=SC2046 # one word each
./configure --disable-everything --disable-autodetect --enable-libspeex --enable-zlib \
  --disable-avdevice --disable-debug --disable-doc --disable-ffplay --disable-ffprobe --disable-network \
  --disable-postproc --disable-swscale \
  $(switches demuxer "$demuxers $probes") $(switches decoder "$decoders") $(switches parser "$parsers") \
  $(switches encoder "$encoders") $(switches muxer "$muxers") $(switches filter "$filters") \
  $(switches protocol "$protocols") > configure.log || { tail -n 20 configure.log; exit 1; }
set +f
make --silent --jobs "$(nproc)" ffmpeg > make.log 2>&1 || { tail -n 40 make.log; exit 1; }

install -D --mode 755 ffmpeg "$out/usr/local/bin/ffmpeg"
install -D --mode 644 debian/copyright "$out/usr/share/doc/ffmpeg/copyright"
mkdir -p "$out/var/lib/dpkg/status.d"
cat > "$out/var/lib/dpkg/status.d/ffmpeg" <<RECORD
Package: ffmpeg
Status: install ok installed
Architecture: $(dpkg --print-architecture)
Version: $(dpkg-parsechangelog --show-field Version)
Maintainer: $(dpkg-parsechangelog --show-field Maintainer)
Description: Tools for transcoding, streaming and playing of multimedia files
 Built for speakr from this source package of Debian, with what reads sound only.
RECORD
dpkg-query --status libspeex1 > "$out/var/lib/dpkg/status.d/libspeex1"
install -D --mode 644 /usr/share/doc/libspeex1/copyright "$out/usr/share/doc/libspeex1/copyright"
rm -rf "$work"
apt-get clean
rm -rf /var/lib/apt/lists/*
