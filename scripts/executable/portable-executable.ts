/** Offsets in the PE format: https://learn.microsoft.com/en-us/windows/win32/debug/pe-format */
const PE_HEADER_POINTER = 0x3c;
const OPTIONAL_HEADER = 24;
const PE32_PLUS = 0x20b;
const CHECKSUM = 64;
const CERTIFICATE_TABLE = 144;

/**
 * A Windows program (64 bit) without its Authenticode signature, which no longer holds once something is added: a wrong
 * signature is worse to Windows than none.
 * @throws Error when it is no such program
 */
export function withoutSignature(program: Buffer): Buffer {
  const header = program.readUInt32LE(PE_HEADER_POINTER);
  const optional = header + OPTIONAL_HEADER;
  if (
    program.toString('latin1', header, header + 4) !== 'PE\0\0' ||
    program.readUInt16LE(optional) !== PE32_PLUS
  )
    throw new Error('this is no 64-bit Windows program');
  const start = program.readUInt32LE(optional + CERTIFICATE_TABLE);
  const bytes = program.readUInt32LE(optional + CERTIFICATE_TABLE + 4);
  if (start === 0) return program;
  if (start + bytes !== program.length) throw new Error('the signature is not at the end of the program');
  const unsigned = Buffer.from(program.subarray(0, start));
  unsigned.fill(0, optional + CERTIFICATE_TABLE, optional + CERTIFICATE_TABLE + 8);
  unsigned.writeUInt32LE(0, optional + CHECKSUM);
  return unsigned;
}
