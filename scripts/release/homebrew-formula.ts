import type { Target } from '../executable/target.ts';
import { archiveFor, type Release } from './artefact.ts';

/** A Homebrew formula for a tap of one's own: `brew install <tap>/speakr`. It offers the systems that the release has. */
export function homebrewFormula(release: Release, homepage: string): string {
  const offered = (target: Target) => release.artefacts.some((each) => each.target === target);
  const processor = (word: string, target: Target) => {
    if (!offered(target)) return '';
    const { name, sha256 } = archiveFor(release, target);
    return `    ${word} do
      url "${release.baseUrl}/${name}"
      sha256 "${sha256}"
    end
`;
  };
  const system = (word: string, arm: Target, intel: Target) => {
    const parts = processor('on_arm', arm) + processor('on_intel', intel);
    return parts === '' ? '' : `  ${word} do\n${parts}  end\n\n`;
  };
  return `class Speakr < Formula
  desc "Record, transcribe and search what was said, from the terminal"
  homepage "${homepage}"
  version "${release.version}"
  license "Apache-2.0"

  depends_on "ffmpeg"

${system('on_macos', 'macos-arm64', 'macos-x64')}${system('on_linux', 'linux-arm64', 'linux-x64')}  def install
    bin.install "speakr"
    generate_completions_from_executable(bin/"speakr", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/speakr --version")
  end
end
`;
}
