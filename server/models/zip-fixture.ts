import { crc32, deflateRawSync } from 'node:zlib';

/** A zip file for tests: the first entry deflated, the others stored. */
export function zip(files: Record<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    const body = index === 0 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(offset, 42);
    for (const [header, at] of [
      [local, 8],
      [entry, 10],
    ] as const) {
      header.writeUInt16LE(index === 0 ? 8 : 0, at);
      header.writeUInt32LE(crc32(content), at + 6);
      header.writeUInt32LE(body.length, at + 10);
      header.writeUInt32LE(content.length, at + 14);
      header.writeUInt16LE(Buffer.byteLength(name), at + 18);
    }
    parts.push(local, Buffer.from(name), body);
    directory.push(entry, Buffer.from(name));
    offset += local.length + Buffer.byteLength(name) + body.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}
