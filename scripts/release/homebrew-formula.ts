import { archiveFor, type Release } from './artefact.ts';

/** A Homebrew formula for a tap of one's own: `brew install <tap>/speakr`. */
export function homebrewFormula(release: Release, homepage: string): string {
  const source = (target: Parameters<typeof archiveFor>[1], indent: string) => {
    const { name, sha256 } = archiveFor(release, target);
    return `${indent}url "${release.baseUrl}/${name}"\n${indent}sha256 "${sha256}"`;
  };
  return `class Speakr < Formula
  desc "Record, transcribe and search what was said, from the terminal"
  homepage "${homepage}"
  version "${release.version}"
  license "Apache-2.0"

  depends_on "ffmpeg"

  on_macos do
    on_arm do
${source('macos-arm64', '      ')}
    end
    on_intel do
${source('macos-x64', '      ')}
    end
  end

  on_linux do
    on_arm do
${source('linux-arm64', '      ')}
    end
    on_intel do
${source('linux-x64', '      ')}
    end
  end

  def install
    bin.install "speakr"
    generate_completions_from_executable(bin/"speakr", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/speakr --version")
  end
end
`;
}
