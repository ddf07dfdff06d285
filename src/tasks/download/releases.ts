/** A file to download, and its path below the set's folder. */
type PlainFile = { readonly url: string; readonly path: string };

/** An archive to download; a name inside that starts with `strip` has the rest as its path below the set's folder. */
type Archive = { readonly zip: string; readonly strip: RegExp };

/** A published release of a data set. */
export type Release = {
  /** The data set's page, where its terms are. */
  readonly page: string;
  readonly downloads: readonly (PlainFile | Archive)[];
  /**
   * SHA-256 in hex by path below the set's folder; a folder's is that of the lines `<sha256>  <path>` of its files in
   * the order of their paths, as sha256sum prints them. Files that are not named were never hashed by this project.
   */
  readonly sha256: Readonly<Record<string, string>>;
};

const raw = (repository: string, folder: string, names: readonly string[]): PlainFile[] =>
  names.map((path) => ({ url: `https://raw.githubusercontent.com/${repository}/${folder}/${path}`, path }));

const domains = ['attraction', 'hotel', 'laptop', 'restaurant', 'taxi', 'train', 'tv'];

/**
 * Where the published sets come from, by the name of their task. The addresses are those that the sets' authors give;
 * the hashes are of copies of the files, which say that they are unchanged, not of what the addresses serve today.
 */
export const releases: Readonly<Record<string, Release>> = {
  e2e: {
    page: 'https://github.com/tuetschek/e2e-dataset',
    downloads: [
      {
        zip: 'https://github.com/tuetschek/e2e-dataset/releases/download/v1.0.0/e2e-dataset.zip',
        strip: /^e2e-dataset\/(?=(?:trainset|devset|testset_w_refs)\.csv$)/,
      },
    ],
    sha256: {
      'trainset.csv': 'f27d48df45815288ab15619d47a79028c300fbb7f42e373668aba0b98c1d57c6',
      'devset.csv': 'fc26b78cdb849c80545f513b223d1e051138b43882eeb79e3eb153e689c864f9',
      'testset_w_refs.csv': 'edc8db685e39bb9824d5bd70c18b1c9b0412d14b527aa960e2d1c8251ee15ccd',
    },
  },
  'e2e-cleaned': {
    page: 'https://github.com/tuetschek/e2e-cleaning',
    downloads: raw('tuetschek/e2e-cleaning', 'master/cleaned-data', [
      'train-fixed.no-ol.csv',
      'devel-fixed.no-ol.csv',
      'test-fixed.csv',
    ]),
    sha256: {},
  },
  webnlg: {
    page: 'https://gitlab.com/shimorina/webnlg-dataset',
    downloads: [
      {
        zip: 'https://gitlab.com/shimorina/webnlg-dataset/-/archive/master/webnlg-dataset-master.zip?path=release_v3.0/en',
        strip: /^[^/]+\/(?=release_v3\.0\/en\/(?:train|dev|test)\/.+\.(?:xml|json)$)/,
      },
    ],
    sha256: { 'release_v3.0/en': 'd95ea98dfa86038f4bf96e02c65748730022042892d8575ad64d925ef3ec3fb7' },
  },
  dart: {
    page: 'https://github.com/Yale-LILY/dart',
    downloads: raw('Yale-LILY/dart', 'master/data/v1.1.1', [
      'dart-v1.1.1-full-train.json',
      'dart-v1.1.1-full-dev.json',
      'dart-v1.1.1-full-test.json',
    ]),
    sha256: {
      'dart-v1.1.1-full-dev.json': '56606eac12baa7f0ddb81c61890f9f1a95bace4df8f8989852786358fe5d2b88',
    },
  },
  dialogsum: {
    page: 'https://github.com/cylnlp/dialogsum',
    downloads: raw('cylnlp/dialogsum', 'main/DialogSum_Data', [
      'dialogsum.train.jsonl',
      'dialogsum.dev.jsonl',
      'dialogsum.test.jsonl',
    ]),
    sha256: {
      'dialogsum.dev.jsonl': '436721e0a3571eef7072964f80e042fb151d8c6178db1a688ce8f803bbf0a13f',
      'dialogsum.test.jsonl': '6de36eca7e7b9b10975fd5ea3f47391df172d8b3c15d03d84d763cbaab015fda',
    },
  },
  fewshotwoz: {
    page: 'https://github.com/pengbaolin/SC-GPT',
    downloads: raw(
      'pengbaolin/SC-GPT',
      'master/data',
      domains.flatMap((domain) => [`${domain}/train.json`, `${domain}/test.json`]),
    ),
    sha256: {
      'attraction/test.json': '7796589c142c4862ea15ef94940f577a18b70790e8d6d8b7642373d3e455dcad',
      'attraction/train.json': 'bf82afe7154d898d727fb390f7ddced26e779fa60764145b5e6ab141579d8b1b',
      'hotel/test.json': 'b0c0417f6d5e4f1669927e31967e04da547942e75e72414c0f057f6d85f552d9',
      'hotel/train.json': '9b3e67bea8c6d00f5fdc562256b508fd9709e3d6f50488ca68a53803303def00',
      'laptop/test.json': '1b6dfb4ce537e87f8ba6bf49a23b36788f27321b0c4087e3e11e146970c2fc74',
      'laptop/train.json': '35a4d08ce4245b3509c0dc707673dd35fc2f9e45713a994f824515bb96d50bb9',
      'restaurant/test.json': '40425df7bcd0e309d479034bd5b79a21476e4a40f1a0ea82479cc24752b7c251',
      'restaurant/train.json': '0f833c3dc1bb196f0d4a17647426f1a925f7ca34ffa4f822f02b29c953d40a01',
      'taxi/test.json': '1497b357305ba590d633b8f7f271f1337563702d03dd9e98e28ad9410f4c5c81',
      'taxi/train.json': '08354a39b2d8eceeba9e68f846912713be6f9fde46c5368821890502bb635b14',
      'train/test.json': 'cf0d8df3431a5f5de4d0150b33749e99286823caab7601d942cada938944f759',
      'train/train.json': 'b8e0f52e1e473c18a2b609f00175a33c284c0eedb2863898167a2489ae66b8a0',
      'tv/test.json': 'ffeb39605ce29a4d11bbfa50b7140920bc3147fa08cd34280e475ce568904c37',
      'tv/train.json': '645854ee073044b383f7473b16ac0d8d52485a3da8cb5cc912438e39a9bf60a8',
    },
  },
  'squad-qg': {
    page: 'https://github.com/xinyadu/nqg',
    downloads: raw('xinyadu/nqg', 'master/data/processed', [
      'src-train.txt',
      'tgt-train.txt',
      'src-dev.txt',
      'tgt-dev.txt',
      'src-test.txt',
      'tgt-test.txt',
    ]),
    sha256: {
      'src-dev.txt': 'd540a569619c0bd68b46f9eb3d59351206bcdd1d15eeed8dc5a4fd4815a0d872',
      'src-test.txt': '5714e36b9f3ef884f4e109e876f4e507d61f58a1241b4fb0403866dfdeef315d',
      'tgt-dev.txt': '68e293bd31cd223ac95ed3090726c8b83041f99984961bbc4164250dac304782',
      'tgt-test.txt': 'e75710df557c2432925c8f2ca17e9b490235ce3c647c857fceaea6c401203a76',
    },
  },
  squad: {
    page: 'https://rajpurkar.github.io/SQuAD-explorer/',
    downloads: ['train-v1.1.json', 'dev-v1.1.json'].map((path) => ({
      url: `https://rajpurkar.github.io/SQuAD-explorer/dataset/${path}`,
      path,
    })),
    sha256: {},
  },
};
