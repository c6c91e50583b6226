# Short names for what package.json and scripts/ do, as the Makefile has them: .\make.ps1 test
param([Parameter(Position = 0)][string]$Target = 'help')
$commands = [ordered]@{
  dev     = 'run', 'demo'
  test    = , 'test'
  lint    = 'run', 'check'
  format  = 'run', 'format'
  bench   = 'run', 'bench'
  build   = 'run', 'build'
  binary  = 'run', 'build:binary'
  docs    = 'run', 'docs'
  'docker-build' = 'run', 'images'
  images  = 'run', 'images'
  release = 'run', 'release:dry'
}
if ($Target -match '^image-(.+)$') {
  # Questions are answered by the gateway.
  $image = if ($Matches[1] -eq 'query') { 'gateway' } else { $Matches[1] }
  & npm run images -- $image
  exit $LASTEXITCODE
}
if (-not $commands.Contains($Target)) {
  Write-Host "Targets: $($commands.Keys -join ', ')"
  if ($Target -ne 'help') { exit 2 }
  exit 0
}
& npm @($commands[$Target])
exit $LASTEXITCODE
