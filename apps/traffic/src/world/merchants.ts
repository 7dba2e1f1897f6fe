import { randomOf, WeightedIndex, type Random } from '../random';
import { countries, pickCountry, type Country } from './countries';

/** What a merchant sells and how, drawn from real merchant categories. */
export interface Category {
  /** ISO 18245. */
  readonly mcc: string;
  readonly words: readonly string[];
  readonly channel: 'ecommerce' | 'in_app' | 'pos';
  /** Median payment in euros, and the standard deviation of its logarithm. */
  readonly medianEuros: number;
  readonly sigma: number;
  /** Nothing is shipped: what thieves like best. */
  readonly isDigital: boolean;
  /** Charged again and again without the customer being there. */
  readonly isSubscription: boolean;
  /** Share of merchants, relative. */
  readonly weight: number;
  /** How much a thief likes it, relative: easy to sell again, or delivered at once. */
  readonly resaleAppeal: number;
}

type Row = readonly [
  mcc: string,
  channel: Category['channel'],
  medianEuros: number,
  sigma: number,
  flags: string,
  weight: number,
  resaleAppeal: number,
  words: string,
];

const ROWS: readonly Row[] = [
  ['5732', 'ecommerce', 140, 0.9, '', 8, 9, 'Volt Circuit Pixel Kilohertz'],
  ['5045', 'ecommerce', 320, 0.8, '', 4, 8, 'Byte Kernel Ram'],
  ['5651', 'ecommerce', 62, 0.7, '', 14, 4, 'Thread Loom Cotton Denim Nord'],
  ['5661', 'ecommerce', 85, 0.5, '', 6, 6, 'Sole Lace Stride'],
  ['5941', 'ecommerce', 75, 0.8, '', 6, 3, 'Peak Trail Sprint'],
  ['5944', 'ecommerce', 210, 1, '', 3, 9, 'Carat Opal Silver'],
  ['5977', 'ecommerce', 45, 0.6, '', 5, 4, 'Glow Petal Amber'],
  ['5712', 'ecommerce', 240, 0.9, '', 4, 1, 'Oak Nest Birch'],
  ['5942', 'ecommerce', 24, 0.6, '', 6, 1, 'Page Quill Folio'],
  ['5995', 'ecommerce', 38, 0.6, '', 4, 1, 'Paw Whisker Fin'],
  ['5912', 'ecommerce', 28, 0.6, '', 4, 1, 'Salve Mint Clover'],
  ['5816', 'in_app', 9, 0.8, 'digital', 9, 6, 'Dragon Pixelforge Orbit Rune'],
  ['5815', 'ecommerce', 10, 0.4, 'digital subscription', 8, 3, 'Stream Chorus Reel'],
  ['5817', 'ecommerce', 30, 0.8, 'digital', 6, 5, 'Cloudnote Draft Vector'],
  ['5947', 'ecommerce', 50, 0.5, 'digital', 4, 10, 'Giftwell Token Voucher'],
  ['4814', 'in_app', 18, 0.5, 'digital', 6, 6, 'Ringway Mobilis Talk'],
  ['7922', 'ecommerce', 70, 0.6, 'digital', 5, 5, 'Stage Encore Box'],
  ['4511', 'ecommerce', 260, 0.7, 'digital', 5, 5, 'Altair Skyline Meridian'],
  ['7011', 'ecommerce', 190, 0.7, 'digital', 7, 3, 'Harbourview Lodge Inn'],
  ['4121', 'in_app', 15, 0.5, 'digital', 7, 3, 'Wheel Hop Ryde'],
  ['5812', 'in_app', 27, 0.4, 'digital', 9, 3, 'Wok Tapas Crust Bento'],
  ['7995', 'ecommerce', 40, 0.9, 'digital', 3, 7, 'Lucky Spin'],
  ['6051', 'ecommerce', 150, 1.1, 'digital', 2, 9, 'Coinway Ledgerly'],
  ['8398', 'ecommerce', 20, 0.7, 'digital', 4, 4, 'Hope Shelter Reef'],
  ['5411', 'pos', 34, 0.7, '', 28, 2, 'Fresco Basket Daily Marché'],
  ['5814', 'pos', 8, 0.5, '', 24, 1, 'Bean Crumb Roast'],
  ['5541', 'pos', 55, 0.4, '', 14, 5, 'Fuelpoint Axle'],
  ['5812', 'pos', 42, 0.6, '', 20, 2, 'Olive Ember Trattoria'],
  ['5732', 'pos', 160, 0.9, '', 6, 9, 'Voltstore Plug'],
  ['5311', 'pos', 58, 0.8, '', 10, 6, 'Arcade Galleria'],
  ['5921', 'pos', 22, 0.5, '', 6, 4, 'Vine Cellar'],
  ['5912', 'pos', 18, 0.5, '', 10, 1, 'Apotheka Green'],
  ['4111', 'pos', 4, 0.4, '', 8, 1, 'Metroline Tram'],
  ['5813', 'pos', 16, 0.5, '', 8, 1, 'Tap Anchor'],
];

export const categories: readonly Category[] = ROWS.map(
  ([mcc, channel, medianEuros, sigma, flags, weight, resaleAppeal, words]) => ({
    mcc,
    channel,
    medianEuros,
    sigma,
    weight,
    resaleAppeal,
    isDigital: flags.includes('digital'),
    isSubscription: flags.includes('subscription'),
    words: words.split(' '),
  }),
);

/** One shop. */
export interface Merchant {
  readonly id: string;
  readonly name: string;
  readonly category: Category;
  readonly country: Country;
  /** Sells to every country, in the customer's currency; others sell at home. */
  readonly isGlobal: boolean;
  /** Its own prices in relation to its category. */
  readonly priceFactor: number;
  /** Share of payments, relative; a few are large. */
  readonly size: number;
  /** Asks for an address check; many do not. */
  readonly asksForAddress: boolean;
  /** Customers have accounts here; elsewhere they buy as guests. */
  readonly hasAccounts: boolean;
}

function merchantOf(seed: number, place: number): Merchant {
  const random = randomOf(seed, 'merchant', place);
  const category = random.pickWeighted(categories.map((each) => [each, each.weight] as const));
  // One merchant in every country first, so that a traveller finds something everywhere.
  const country = countries[place] ?? pickCountry(random);
  return {
    id: `mer_${random.token(6)}_${place}`,
    name: `${random.pick(category.words)} ${random.pick(NAME_ENDINGS)}`,
    category,
    country,
    isGlobal: category.channel !== 'pos' && random.chance(0.4),
    priceFactor: random.logNormal(1, 0.35),
    size: Math.min(30, random.logNormal(1, 1.1)) * category.weight,
    asksForAddress: random.chance(0.7),
    hasAccounts: random.chance(0.8),
  };
}

const NAME_ENDINGS = ['& Co', 'House', 'Direct', 'Market', 'Works', 'Online', 'Corner', 'Lab', 'Club', 'One'];

/** The shops of the world, and who shops where. */
export interface Merchants {
  readonly all: readonly Merchant[];
  /** A merchant that somebody from this country would buy from, as likely as its size. */
  pickFor(country: Country, random: Random): Merchant;
  /** A shop with a terminal in this country. */
  pickTerminalIn(country: Country, random: Random): Merchant;
  /** An online merchant that thieves like, reachable from the country. */
  pickTarget(country: Country, random: Random): Merchant;
  /** An online merchant without shipping and with small prices: where cards are tried. */
  pickTestingTarget(random: Random): Merchant;
}

function chooser(
  merchants: readonly Merchant[],
  weightOf: (merchant: Merchant) => number,
): (random: Random) => Merchant {
  const index = new WeightedIndex(merchants.map(weightOf));
  return (random) => {
    const merchant = merchants[index.pick(random)];
    if (merchant === undefined) throw new RangeError('merchants: nothing to choose from');
    return merchant;
  };
}

export function createMerchants(seed: number, merchantCount: number): Merchants {
  const all = Array.from({ length: merchantCount }, (_, place) => merchantOf(seed, place));
  const isOnline = (merchant: Merchant): boolean => merchant.category.channel !== 'pos';
  const perCountry = new Map(
    countries.map((country) => {
      const reachable = all.filter((merchant) => merchant.country === country || merchant.isGlobal);
      const withTerminal = all.filter((merchant) => merchant.country === country && !isOnline(merchant));
      return [
        country,
        {
          // A global shop's customers are spread over all countries; its share in each is smaller.
          any: chooser(reachable, (merchant) =>
            merchant.country === country ? merchant.size : merchant.size * 0.35,
          ),
          terminal: chooser(
            withTerminal.length > 0 ? withTerminal : all.filter((merchant) => !isOnline(merchant)),
            ({ size }) => size,
          ),
          target: chooser(
            reachable.filter(isOnline),
            ({ size, category }) => Math.sqrt(size) * category.resaleAppeal,
          ),
        },
      ] as const;
    }),
  );
  const choosersOf = (country: Country) => perCountry.get(country)!;
  const testing = chooser(
    all.filter(({ category }) => category.isDigital && category.medianEuros <= 50),
    ({ size, category }) => Math.sqrt(size) * category.resaleAppeal,
  );
  return {
    all,
    pickFor: (country, random) => choosersOf(country).any(random),
    pickTerminalIn: (country, random) => choosersOf(country).terminal(random),
    pickTarget: (country, random) => choosersOf(country).target(random),
    pickTestingTarget: testing,
  };
}
