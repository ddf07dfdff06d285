/** Words of one kind, written as one text for the reader's sake. */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

const nouns = list(`
  apple arm army art aunt baby back bag ball band bank bar barn base basket bath beach bean bear beard bed bee bell
  belt bench bike bird block board boat body bone book boot border boss bottle bowl box boy branch bread brick bridge
  broom brother brush bucket bus bush butter button cabin cable cake camp candle cap captain car card carpet case
  castle cat cave cellar chain chair chalk cheese cherry chest chicken chief child church circle city class clay clock
  cloth cloud club coach coal coast coat coffee coin collar comb cook copper corn corner cotton couch cousin cow
  crab craft cream crew crop cross crowd crown cup curtain dance daughter day deck deer desk dish doctor dog doll
  door drawer dream dress drum duck dust eagle ear earth east edge egg elbow engine event eye face factory fair
  family farm father fence fern ferry field film finger fire fish flag flame floor flour flower flute fog food foot
  forest fork fox frame friend frog fruit garden garlic gate ghost giant gift girl glass glove goat gold goose grain
  grape grass ground group guard guest guide guitar hair hall hammer hand harbour hat hawk head heart hedge heel hen
  herb hero hill hole home honey hook horn horse hotel hour house ice ink insect iron island ivory jacket jar jaw
  jewel job judge juice jury kettle key kid king kitchen kite knee knife knight knot lady lake lamb lamp land lane
  lawn layer leader leaf leather leg lemon letter level lid light lily line lion lip list lock log loop lord luck
  lunch machine map marble market mask match meadow meal meat melon metal milk mill mind mine mint mirror mist model
  monk month moon moss mother motor mountain mouse mouth mud muscle music nail name neck needle nest net news night
  noise north nose note novel nurse oak oar ocean office oil olive onion orange orchid oven owl owner ox paint pair
  palace palm pan paper parent park parrot part party path peach pear pearl pen pencil pepper person phone photo
  piano picture pie pig pilot pin pine pipe place plan plane plant plate player plum pocket poem poet point pole pond
  pony pool port post pot potato pound powder price prince prize pub puppy purse queen quilt rabbit race radio rail
  rain ranch rat record reed region rent report rest rice ride ridge ring river road robe rock roof room root rope
  rose route rug ruler sail sailor salad salt sand sauce saw scale scarf school sea seal season seat seed shadow
  shape shark shed sheep sheet shelf shell shield ship shirt shoe shop shore sign silk silver sink sister size skin
  skirt sky smoke snail snake snow soap sock soil soldier son song soup south space spice spider spoon sport spring
  square stable staff stage stair stamp star station steam steel stem step stick stone store storm story stove straw
  stream street string student sugar suit summer sun swan table tail tailor tank task tea teacher team temple tent
  test text thing thorn thread throat thumb ticket tide tiger tile time tin title toe tool tooth top torch tower town
  toy track trade train tray tree trip truck trunk tube tulip turtle twig uncle valley van vase view village vine
  violin visitor voice wagon waist wall water wave wax week well west whale wheat wheel wheelbarrow whistle wife wind
  window wine wing winter wire wolf woman wood wool word worker world worm wrist writer yard year zebra
  restaurant shopper singer painter lawyer farmer baker barber dancer driver fisher hunter miner potter rider swimmer
  country people spouse population genre jazz folk blues pop area range rating customer centre riverside type meter
  number colour museum theatre studio hospital airport career album author artist actor sister award college company
  council culture degree district empire founder goal history industry language mayor medal member nation opera origin
  period planet province railway rank reason result science series service shareholder speed stadium state status
  style subject system theme total union value victim victory volume weight width
  acid air angle animal autumn bark bay beam beef blade blood bone brain bulb bundle cabbage calf cape cause cave chip
  choice cord core court crime crust curve damage debt demand depth desert detail diary dinner disk drain duty effect
  effort energy error essay estate fact fashion fate feast fibre figure file flock fleet flesh force fort fortune fuel
  fur game gas gear grade guilt gum gun habit handle harm harvest health heap heat height idea image inch item joke
  joint journey lack leap length library limb link loaf mail manner menu mercy method midday minute money morning motion
  mound mystery neon object orbit oxygen packet page panel pause peace peak pet piece pillar pit plot poison porch pride
  proof pulse rage risk sample sense shade shame shot skill slice slope soul source spark speech spell spirit spot
  surface symbol tax term ton tone topic tour trace tribe trick trouble truth tune unit veil verse vision wage war
  wealth web wedding weed wound
`);

const adjectives = list(`
  able ancient angry average bad bald basic big bitter black blank blind blue bold brave brief bright broad brown busy
  calm careful cheap clean clear clever close cold common cool crisp curly damp dark dead dear deep dense dim dirty
  double dry dull eager early easy empty equal even exact fair false famous fancy far fast fat fierce final fine firm
  first flat fond formal free fresh friendly full funny gentle glad golden good grand grave great green grey happy
  hard heavy high hollow honest hot huge humble hungry idle jolly keen kind large last late lazy lean little lively
  local lonely long loose loud lovely low loyal lucky mad main mean merry mild modern modest moderate moist narrow
  near neat new nice noble noisy old open pale past plain pleasant polite poor pretty private proper proud public pure
  quick quiet rapid rare raw ready real red rich right ripe rough round royal rude rural sad safe salty secret
  serious shallow sharp short shy sick silent silly simple single slim slow small smart smooth soft solid sour
  spare special steady steep stiff still strange strict strong sudden sunny sure sweet swift tall tame tender thick
  thin tidy tight tiny tired tough true ugly upper urban urgent usual vague vast warm weak wet white whole wide wild
  wise wooden wrong yellow young
  French Italian Chinese Indian Japanese English Greek Spanish Turkish Polish Thai Irish Danish Dutch German Swedish
  Mexican African Asian Roman Monday Friday Sunday March April June August October
`);

/** The verbs among the words, which patterns inflect. */
export const verbs: readonly string[] = list(`
  accept add admire agree aim allow answer appear argue arrive ask attend avoid bake become begin belong bend bind
  bite blow boil born borrow bounce bow break breathe bring build burn buy call care carry carve catch change charge
  chase check choose claim climb collect come compare cost count cover crawl create cry cure cut deal decide defend
  deliver depend dig dive divide draw drift drink drive drop eat enjoy enter escape explain fall feed feel fetch fight
  fill find finish fix float flow fly fold follow forget forgive gather get give glow grab graduate greet grind grow
  guess hang happen hate hear help hide hit hold hope hunt hurry hurt improve invent invite join jump keep kick kneel
  knit knock know laugh lay lead lean learn leave lend lie lift like listen live load locate lose love make mark
  marry meet melt mend mix move need obey offer order pack pass pay pick play plough pour praise pray press print
  promise protect pull push put raise reach read receive remain remember repair repeat reply rescue return rise roar
  roast roll rub run rush scatter search see seem sell send serve sew shake share shave shine shoot shout show shut
  sing sit sleep slide smell smile solve sort speak spend spill spin split spread stand stare start stay steal sting
  stir stop stretch study supply surprise swear sweep swim swing take talk taste teach tear tell thank think throw
  tie touch travel treat trust try turn twist understand use visit vote wait wake walk wander want warn wash waste
  watch wear weave weep whisper win wipe wish wonder work worry wrap write yawn
`);

/** Content words of pretraining: anything may stand anywhere, as a key, in a value or in a pattern. */
export const words: readonly string[] = [...new Set([...nouns, ...adjectives, ...verbs])];

/** Verbs that pretraining never draws. */
export const heldOutVerbs: readonly string[] = list(`
  abandon blend blink boast bruise chew chop clap cling coax crack crave crush dodge dwell embrace fling gallop gaze
  glide gnaw grope growl haul hover howl juggle knead loathe mourn nod nudge peel plead pluck pounce rinse scold scrub
  sneeze snore soothe sprint squeeze stroll stumble swap tickle tremble tuck uncover wade whirl yearn yell
`);

/** Words that pretraining never draws: what the model does with them shows that it copies and does not remember. */
export const heldOutWords: readonly string[] = list(`
  acorn alley almond amber anchor ankle ant apron arch arrow ash aspen attic axe badge badger balcony bamboo banjo beaver
  beetle berry birch bishop blanket bloom bolt bonnet bracelet brook bubble buckle bull cactus camel canal cannon
  canoe canvas carrot cart cedar chapel cliff clover cobweb cockpit cradle crane crater crow crumb crystal dagger
  daisy dawn den dome donkey dove dragon dune dwarf elm falcon feather fig flask flint foam fountain gem glacier
  goblet gravel grove gull hamlet harp haven hazel heron hive hut ivy jelly jungle kayak kernel ladder lagoon lantern
  lark lava ledge lobster locket loft lotus magnet mango maple mast meteor moth nectar noodle nut oasis orchard otter
  paddle panther parcel pebble pelican piglet pillow pirate plank plaza prairie puddle pumpkin puzzle quarry quill
  raft raven reef ribbon robin ruby saddle sapling satchel scroll shrimp sketch sleigh slipper sparrow spire squid
  stork swamp sword thistle throne thunder toad trumpet tunnel turnip umbrella urn velvet volcano walnut wand wasp
  weasel willow wizard wreath yacht yarn zipper abrupt barren blunt brisk chilly clumsy cosy dizzy drowsy dusty faint
  feeble flimsy frosty fuzzy gloomy greedy grim grumpy hasty hoarse itchy jagged lush muddy nimble plump quaint rusty
  shabby shaky sleek sly snug spicy stale sticky stubborn tasty thrifty vivid weary witty
`);

/** Consonants and consonant pairs that open a syllable. */
export const onsets: readonly string[] = list(
  'b c d f g h j k l m n p r s t v w z br cl dr fl gr kr pl st tr sh th',
);

/** A syllable's vowels; single vowels are listed twice so that they are drawn more often. */
export const vowels: readonly string[] = list('a e i o u a e i o u ai ou');

/** Consonants that may close a word. */
export const codas: readonly string[] = list('n r s l m t k');
