import type { CatalogueModel, FileSource, MoonshineArchitecture } from './catalogue-entry.ts';

const vendor = 'https://download.moonshine.ai/model';

/** The vendor's wheel carries the weights of tiny-en. The files are the same in the wheels of all platforms. */
const tinyEnglishWheel = (name: string): FileSource => ({
  kind: 'wheel',
  package: 'moonshine-voice',
  version: '0.0.73',
  entry: `moonshine_voice/assets/tiny-en/${name}`,
  platform: 'manylinux_2_34_x86_64',
});

const tinyEnglish: CatalogueModel = {
  id: 'moonshine-tiny-en',
  kind: 'recognizer',
  languages: ['en'],
  licence: 'MIT',
  commercialUse: true,
  default: true,
  architecture: 'Tiny',
  files: (
    [
      ['encoder_model.ort', 13_281_600, '94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221'],
      [
        'decoder_model_merged.ort',
        30_412_256,
        'cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0',
      ],
      ['tokenizer.bin', 249_974, '6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d'],
    ] as const
  ).map(([name, bytes, sha256]) => ({
    name,
    bytes,
    digest: { algorithm: 'sha256', value: sha256 },
    sources: [{ kind: 'url', url: `${vendor}/tiny-en/quantized/tiny-en/${name}` }, tinyEnglishWheel(name)],
  })),
};

/**
 * A model as the manifest inside @moonshine-ai/moonshine-wasm 0.1.5 describes it
 * (`sttDependencies(language, architecture, false)`), which gives sizes and CRC-32C; a test holds this table to it.
 * Licences: github.com/moonshine-ai/moonshine/LICENSE. English is MIT; the others listed here are under the Moonshine
 * Community License, which is non-commercial (and free below a certain revenue after registration).
 */
function vendorModel(
  name: string,
  language: string,
  architecture: MoonshineArchitecture,
  path: string,
  files: readonly (readonly [name: string, bytes: number, crc32c: string])[],
): CatalogueModel {
  const english = language === 'en';
  return {
    id: `moonshine-${name}`,
    kind: 'recognizer',
    languages: [language],
    licence: english ? 'MIT' : 'Moonshine Community License',
    commercialUse: english,
    default: false,
    architecture,
    files: files.map(([file, bytes, crc32c]) => ({
      name: file,
      bytes,
      digest: { algorithm: 'crc32c', value: crc32c },
      sources: [{ kind: 'url', url: `${vendor}/${path}/${file}` }],
    })),
  };
}

export const moonshineModels: readonly CatalogueModel[] = [
  tinyEnglish,
  vendorModel('base-en', 'en', 'Base', 'base-en/quantized/base-en', [
    ['encoder_model.ort', 31_326_816, '+MATVw=='],
    ['decoder_model_merged.ort', 109_424_400, '71VpRQ=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('tiny-streaming-en', 'en', 'TinyStreaming', 'tiny-streaming-en/quantized_26_07_30', [
    ['adapter.ort', 1_319_664, 'kwQ+Bw=='],
    ['cross_kv.ort', 1_287_544, '76wzFQ=='],
    ['decoder_kv.ort', 32_583_720, 'KJjeNw=='],
    ['encoder.ort', 7_675_440, 'UjAIpQ=='],
    ['frontend.ort', 8_324_920, 'AW9qsg=='],
    ['streaming_config.json', 509, 'HGL0Ug=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('small-streaming-en', 'en', 'SmallStreaming', 'small-streaming-en/quantized_26_07_30', [
    ['adapter.ort', 2_870_368, 'XlWjTg=='],
    ['cross_kv.ort', 5_356_536, '5ySK8g=='],
    ['decoder_kv.ort', 81_878_600, 'Rn/VUA=='],
    ['encoder.ort', 44_148_576, '41D2jQ=='],
    ['frontend.ort', 30_984_520, 'm6NCLA=='],
    ['streaming_config.json', 512, 'dPbFiw=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('medium-streaming-en', 'en', 'MediumStreaming', 'medium-streaming-en/quantized_26_07_30', [
    ['adapter.ort', 3_651_296, 'Ds3Hsg=='],
    ['cross_kv.ort', 11_643_776, 'liqlOg=='],
    ['decoder_kv.ort', 146_972_408, 'GPnzeQ=='],
    ['encoder.ort', 94_705_376, 'yWvDwA=='],
    ['frontend.ort', 47_467_576, '5twbxQ=='],
    ['streaming_config.json', 513, '+1bE9Q=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('base-es', 'es', 'Base', 'base-es/quantized/base-es', [
    ['encoder_model.ort', 20_964_320, '2ngM7g=='],
    ['decoder_model_merged.ort', 43_612_200, '9NUuYQ=='],
    ['tokenizer.bin', 241_639, 'EBC+Hw=='],
  ]),
  vendorModel('base-zh', 'zh', 'Base', 'base-zh/quantized/base-zh', [
    ['encoder_model.ort', 31_326_816, 'MHjyrQ=='],
    ['decoder_model_merged.ort', 109_424_520, 'CbdJ2A=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('tiny-ja', 'ja', 'Tiny', 'tiny-ja/quantized/tiny-ja', [
    ['encoder_model.ort', 13_238_184, 'UJX6fA=='],
    ['decoder_model_merged.ort', 58_327_272, 'yiH1qg=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('base-ja', 'ja', 'Base', 'base-ja/quantized/base-ja', [
    ['encoder_model.ort', 31_326_816, 'LErsPw=='],
    ['decoder_model_merged.ort', 109_424_424, 'FLBs0A=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('tiny-ko', 'ko', 'Tiny', 'tiny-ko/quantized/tiny-ko', [
    ['encoder_model.ort', 13_238_176, 'kczhwQ=='],
    ['decoder_model_merged.ort', 58_327_336, 'sjwMCA=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('base-vi', 'vi', 'Base', 'base-vi/quantized/base-vi', [
    ['encoder_model.ort', 31_326_816, 'v/aGsg=='],
    ['decoder_model_merged.ort', 109_424_520, '0Q2nLA=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('base-uk', 'uk', 'Base', 'base-uk/quantized/base-uk', [
    ['encoder_model.ort', 31_326_816, 'V6nZMg=='],
    ['decoder_model_merged.ort', 109_424_424, 'mAf6aA=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
  vendorModel('base-ar', 'ar', 'Base', 'base-ar/quantized/base-ar', [
    ['encoder_model.ort', 31_326_824, 'QgxL3Q=='],
    ['decoder_model_merged.ort', 109_424_552, 'u17PkA=='],
    ['tokenizer.bin', 249_974, 'B7s10Q=='],
  ]),
];
