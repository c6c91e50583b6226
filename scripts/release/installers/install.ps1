# Installs speakr @VERSION@ for one user: checks signature and checksum, puts the program into
# %LOCALAPPDATA%\Programs\speakr and that folder on the user's PATH. Needs no administrator. Windows PowerShell 5.1 or newer.
#
#   $env:SPEAKR_INSTALL_DIR   another folder for the program
#   $env:SPEAKR_BASE_URL      another place to download from; the signature is checked all the same
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Install-Speakr {
  $version = '@VERSION@'
  $publicKey = '@PUBLIC_KEY@'
  $baseUrl = if ($env:SPEAKR_BASE_URL) { $env:SPEAKR_BASE_URL } else { '@BASE_URL@' }
  $directory = if ($env:SPEAKR_INSTALL_DIR) { $env:SPEAKR_INSTALL_DIR } else { Join-Path $env:LOCALAPPDATA 'Programs\speakr' }
  $folder = "speakr-$version-windows-x64"
  $archive = "$folder.zip"

  if (-not [Environment]::Is64BitOperatingSystem) { throw 'speakr needs a 64-bit Windows.' }
  if (-not (Get-Command ssh-keygen -ErrorAction SilentlyContinue)) {
    throw 'ssh-keygen, which checks the signature, is missing. Add the optional feature "OpenSSH Client" in Settings > System > Optional features.'
  }
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  $work = Join-Path ([IO.Path]::GetTempPath()) ("speakr-" + [Guid]::NewGuid())
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    Write-Host "Downloading speakr $version ..."
    foreach ($name in 'SHA256SUMS', 'SHA256SUMS.sig', $archive) {
      Invoke-WebRequest -UseBasicParsing -Uri "$baseUrl/$name" -OutFile (Join-Path $work $name)
    }

    $signers = Join-Path $work 'signers'
    [IO.File]::WriteAllText($signers, "speakr namespaces=`"speakr-release`" $publicKey`n")
    # PowerShell would change the bytes on their way through a pipe; cmd does not.
    $check = "ssh-keygen -Y verify -f `"$signers`" -I speakr -n speakr-release -s `"$work\SHA256SUMS.sig`" < `"$work\SHA256SUMS`""
    cmd /d /c "`"$check`" >nul 2>nul"
    if ($LASTEXITCODE -ne 0) { throw 'The signature of the checksums is wrong. Somebody may have changed the download. Please report it.' }

    $line = Get-Content (Join-Path $work 'SHA256SUMS') | Where-Object { $_ -match ('^[0-9a-f]{64}  ' + [regex]::Escape($archive) + '$') }
    if (-not $line) { throw "The checksums do not name $archive." }
    $actual = (Get-FileHash -Algorithm SHA256 (Join-Path $work $archive)).Hash.ToLowerInvariant()
    if ($actual -ne $line.Substring(0, 64)) { throw "$archive is not what was released: its checksum is wrong." }

    Expand-Archive -Path (Join-Path $work $archive) -DestinationPath $work
    New-Item -ItemType Directory -Force -Path $directory | Out-Null
    $draft = Join-Path $directory 'speakr.new.exe'
    $program = Join-Path $directory 'speakr.exe'
    Copy-Item -Force (Join-Path $work "$folder\speakr.exe") $draft
    $said = & $draft --version
    if ($said -ne $version) { throw "It does not run here: $said" }
    # A program that runs, such as the background server, can be renamed but not replaced.
    $old = Join-Path $directory 'speakr.old.exe'
    Remove-Item -Force -ErrorAction SilentlyContinue $old
    if (Test-Path $program) { Move-Item -Force $program $old }
    try { Move-Item $draft $program } catch { if (Test-Path $old) { Move-Item $old $program }; throw }
    Remove-Item -Force -ErrorAction SilentlyContinue $old
  } finally {
    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work
    Remove-Item -Force -ErrorAction SilentlyContinue (Join-Path $directory 'speakr.new.exe')
  }

  $userPath = [Environment]::GetEnvironmentVariable('Path', 'User')
  if (($userPath -split ';') -notcontains $directory) {
    [Environment]::SetEnvironmentVariable('Path', (($userPath, $directory | Where-Object { $_ }) -join ';'), 'User')
    Write-Host 'Open a new terminal: the PATH has changed.'
  }
  Write-Host "speakr $version is installed in $directory."
  if (-not (Get-Command ffmpeg -ErrorAction SilentlyContinue)) { Write-Host 'ffmpeg is missing: winget install Gyan.FFmpeg' }
  Write-Host 'Begin with: speakr models pull'
}

# The last line: a script that was cut off while it came does nothing.
Install-Speakr
