import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool } from './run-tool.ts';

/** Says to Windows that all versions are one product. Never change it. */
const UPGRADE_CODE = '8C1B7E6A-3D5F-4F0B-9E43-6B2A5D1C9F70';
const COMPONENT = '5F0E2B0C-7C57-4C3D-8E0B-0F3A6E9D2A41';

/** One product code for each version, always the same. */
function productCode(version: string): string {
  const hex = createHash('sha256').update(`speakr ${version}`).digest('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const description = (
  version: string,
  executable: string,
  licence: string,
) => `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${productCode(version)}" UpgradeCode="${UPGRADE_CODE}" Version="${version}" Language="1033" Name="speakr" Manufacturer="The speakr authors">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perUser" Platform="x64" Description="Record, transcribe and search what was said, from the terminal"/>
    <MajorUpgrade DowngradeErrorMessage="A newer version of speakr is installed already."/>
    <Media Id="1" Cabinet="speakr.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="LocalAppDataFolder">
        <Directory Id="ProgramsFolder" Name="Programs">
          <Directory Id="INSTALLFOLDER" Name="speakr">
            <Component Id="Program" Guid="${COMPONENT}" Win64="yes">
              <File Id="Executable" Name="speakr.exe" Source="${executable}"/>
              <File Id="Licences" Name="LICENSES.txt" Source="${licence}"/>
              <RegistryValue Root="HKCU" Key="Software\\speakr" Name="installed" Type="integer" Value="1" KeyPath="yes"/>
              <Environment Id="Path" Name="PATH" Value="[INSTALLFOLDER]" Action="set" Part="last" Permanent="no" System="no"/>
              <RemoveFolder Id="RemoveFolder" Directory="INSTALLFOLDER" On="uninstall"/>
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

export interface WindowsInstallerOptions {
  readonly version: string;
  readonly executable: string;
  /** File with the licences of all that is inside. */
  readonly licences: string;
  readonly work: string;
  readonly output: string;
}

/**
 * An MSI, made by wixl (msitools), that installs for one user, without an administrator, and puts speakr on the PATH.
 * @returns its name
 */
export function makeWindowsInstaller(options: WindowsInstallerOptions): string {
  const { version, executable, licences, work, output } = options;
  const source = path.join(work, 'speakr.wxs');
  writeFileSync(source, description(version, executable, licences));
  const name = `speakr-${version}-windows-x64.msi`;
  runTool('wixl', ['--arch', 'x64', '--output', path.join(output, name), source]);
  return name;
}
