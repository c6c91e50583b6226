import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cabinet } from './cabinet.ts';
import { runTool } from './run-tool.ts';

/** Says to Windows that all versions are one product. Never change it. */
const UPGRADE_CODE = '8C1B7E6A-3D5F-4F0B-9E43-6B2A5D1C9F70';
const COMPONENT = '5F0E2B0C-7C57-4C3D-8E0B-0F3A6E9D2A41';

/** One product code for each version, always the same. */
function productCode(version: string): string {
  const hex = createHash('sha256').update(`speakr ${version}`).digest('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const description = (version: string) => `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${productCode(version)}" UpgradeCode="${UPGRADE_CODE}" Version="${version}" Language="1033" Name="speakr" Manufacturer="The speakr authors">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perUser" Description="Record, transcribe and search what was said, from the terminal"/>
    <MajorUpgrade DowngradeErrorMessage="A newer version of speakr is installed already."/>
    <Media Id="1" Cabinet="speakr.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="LocalAppDataFolder">
        <Directory Id="ProgramsFolder" Name="Programs">
          <Directory Id="INSTALLFOLDER" Name="speakr">
            <Component Id="Program" Guid="${COMPONENT}" Win64="yes">
              <File Id="Executable" Name="speakr.exe" Source="speakr.exe"/>
              <File Id="Licences" Name="LICENSES.txt" Source="LICENSES.txt"/>
              <RegistryValue Root="HKCU" Key="Software\\speakr" Name="installed" Type="integer" Value="1" KeyPath="yes"/>
              <RemoveFolder Id="RemoveFolder" On="uninstall"/>
            </Component>
          </Directory>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="All" Level="1" Title="speakr">
      <ComponentRef Id="Program"/>
    </Feature>
  </Product>
</Wix>
`;

/**
 * The user's PATH gets the folder at its end, and loses it when speakr is removed
 * (https://learn.microsoft.com/en-us/windows/win32/msi/environment-table). Many versions of wixl do not know this.
 */
const pathTable = [
  'CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, `Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)',
  "INSERT INTO `Environment` (`Environment`, `Name`, `Value`, `Component_`) VALUES ('Path', '=-PATH', '[~];[INSTALLFOLDER]', 'Program')",
  "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('RemoveEnvironmentStrings', 3300)",
  "INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('WriteEnvironmentStrings', 5200)",
];

export interface WindowsInstallerOptions {
  readonly version: string;
  readonly executable: string;
  /** File with the licences of all that is inside. */
  readonly licences: string;
  /** Seconds since the Unix epoch that the files bear. */
  readonly time: number;
  /** Leave it as large as wixl makes it: for rehearsals that do not look at sizes. */
  readonly quick: boolean;
  readonly work: string;
  readonly output: string;
}

/**
 * An MSI, made by wixl and msibuild (msitools), that installs for one user, without an administrator, and puts speakr on the PATH.
 * @returns its name
 */
export function makeWindowsInstaller(options: WindowsInstallerOptions): string {
  const { version, executable, licences, time, quick, work, output } = options;
  // wixl finds files only below where it runs.
  const folder = path.join(work, 'msi');
  mkdirSync(folder);
  copyFileSync(executable, path.join(folder, 'speakr.exe'));
  copyFileSync(licences, path.join(folder, 'LICENSES.txt'));
  writeFileSync(path.join(folder, 'speakr.wxs'), description(version));
  const name = `speakr-${version}-windows-x64.msi`;
  const file = path.join(output, name);
  runTool('wixl', ['--arch', 'x64', '--output', file, 'speakr.wxs'], { cwd: folder });
  // wixl knows deflate only, which is a sixth larger. Names are the Ids above, in their order.
  if (!quick) {
    const packed = path.join(folder, 'speakr.cab');
    const files = [
      { name: 'Executable', bytes: readFileSync(executable) },
      { name: 'Licences', bytes: readFileSync(licences) },
    ];
    writeFileSync(packed, cabinet(files, time));
    runTool('msibuild', [file, '-a', 'speakr.cab', packed]);
  }
  for (const statement of pathTable) runTool('msibuild', [file, '-q', statement]);
  return name;
}
