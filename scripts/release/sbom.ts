import { createHash } from 'node:crypto';
import type { Component } from './components.ts';

const packageUrl = ({ name, version, packageUrl: known }: Component) =>
  known ?? `pkg:npm/${name.replace(/^@/, '%40')}@${encodeURIComponent(version)}`;

/** `sha512-<base64>` as CycloneDX writes it. */
function hashesOf(integrity: string | undefined) {
  if (integrity === undefined) return {};
  const [algorithm = '', value = ''] = integrity.split(/-(.*)/);
  const alg = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }[algorithm];
  return alg === undefined
    ? {}
    : { hashes: [{ alg, content: Buffer.from(value, 'base64').toString('hex') }] };
}

function licensesOf(expression: string) {
  if (expression === '') return {};
  const single = /^[\w.-]+$/.test(expression);
  return { licenses: [single ? { license: { id: expression } } : { expression }] };
}

/**
 * What the executables or the images are made of, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).
 * @param time seconds since the Unix epoch
 */
export function softwareBill(version: string, components: readonly Component[], time?: number): object {
  const reference = `pkg:generic/speakr@${version}`;
  const hex = createHash('sha256')
    .update(JSON.stringify([version, components]))
    .digest('hex');
  // A UUID of version 8 (RFC 9562): made from the content, so that the same release has the same one.
  const serial = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      ...(time === undefined ? {} : { timestamp: new Date(time * 1000).toISOString() }),
      component: {
        type: 'application',
        'bom-ref': reference,
        name: 'speakr',
        version,
        purl: reference,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: components.map((component) => ({
      type: component.type ?? 'library',
      'bom-ref': packageUrl(component),
      name: component.name,
      version: component.version,
      purl: packageUrl(component),
      ...(component.platformName === undefined ? {} : { cpe: component.platformName }),
      ...licensesOf(component.licence),
      ...hashesOf(component.integrity),
    })),
    dependencies: [{ ref: reference, dependsOn: components.map(packageUrl) }],
  };
}
