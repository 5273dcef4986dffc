"""What the judging prompts are made of: twenty subjects, each with what its texts speak about.

A subject is a question and six lists: things, what a thing does, when, what follows, what to do,
and what people believe. `prompts.py` puts them together; every sentence here is our own.
"""


def split(text):
    return [part.strip() for part in text.replace("\n", " ").split("/")]


class Subject:
    """The word material of one subject."""

    def __init__(self, question, **lists):
        self.question = question
        self.lists = {name: split(text) for name, text in lists.items()}


SUBJECTS = [
    Subject(
        "why does my rye loaf come out dense although the starter looks lively",
        thing="the starter/the rye flour/the crumb/the oven stone/the bulk proof/the crust/the bran",
        does="soaks up more water than wheat/turns sour overnight/sets too early/spreads sideways/"
        "loses its gas/keeps its shape for an hour",
        when="the kitchen is below twenty degrees/the dough rests uncovered/the salt goes in first/"
        "the tin is only half full/the loaf is cut while warm",
        follows="the middle stays gummy/the top tears open/the acid eats the gluten/the loaf sinks/"
        "the flavour stays flat",
        act="feed it twice the evening before/weigh the water/bake it ten minutes longer/"
        "wait a full day before cutting/scald a fifth of the flour",
        belief="rye needs long kneading/a hot oven saves a young dough/more yeast gives more rise",
    ),
    Subject(
        "how do I stop the chain of my commuter bicycle from skipping under load",
        thing="the cassette/the chain/the rear derailleur/the freehub/the inner cable/the chainring",
        does="wears into a hook shape/jumps a tooth/hangs a little out of line/stretches in the wet/"
        "drags in its housing/rattles over cobbles",
        when="you stand on the pedals/the smallest sprocket is in use/grit has dried on it/"
        "the hanger is bent/the cable has frayed",
        follows="the teeth no longer carry the load/every gear feels late/the new chain wears within "
        "weeks/the wheel can slip from the frame/the shifter clicks twice for one gear",
        act="measure the wear with a gauge/replace chain and cassette together/straighten the hanger/"
        "oil each link and wipe the rest off/turn the barrel adjuster a quarter",
        belief="a tighter cable cures every skip/chains last as long as frames/degreaser is enough",
    ),
    Subject(
        "should I feed my two bee colonies sugar in late October",
        thing="the winter cluster/the brood nest/the upper box/the entrance/the queen/the food frame",
        does="shrinks with the first frost/moves upwards slowly/draws in damp air/gets robbed by wasps/"
        "stops laying/weighs less than it looks",
        when="nights fall below six degrees/the ivy has faded/the roof leaks/mites are many/"
        "the syrup is thin",
        follows="the bees cannot dry the syrup/dysentery spots the front board/the cluster starves "
        "beside full combs/mould grows on the walls/young bees die early",
        act="lift the hive from behind to judge its weight/lay fondant over the frames/narrow the "
        "entrance/treat against mites in December/leave them alone",
        belief="warm syrup is always welcome/strong colonies need no stores/honey never ferments",
    ),
    Subject(
        "why is my merge sort slower than insertion sort on short arrays",
        thing="the recursion/the temporary buffer/the comparison/the inner loop/the branch predictor/"
        "the cache line/the base case",
        does="costs a call for every element/is allocated again each time/guesses wrong half the time/"
        "touches memory twice/fits into registers/copies more than it compares",
        when="there are fewer than forty elements/the input is nearly sorted/keys are long strings/"
        "the buffer lives on the heap/the compiler cannot inline it",
        follows="the constant factor wins/stability is lost without notice/the profile shows only "
        "copying/the asymptotic advantage never appears/the garbage collector wakes up",
        act="switch to insertion below a threshold/allocate the buffer once/merge from the back/"
        "measure with random and sorted input/avoid the copy by swapping roles",
        belief="lower complexity is always faster/recursion is free today/quicksort beats everything",
    ),
    Subject(
        "why does my query ignore the index on the created_at column",
        thing="the planner/the index/the statistics table/the sequential scan/the join/the sort node/"
        "the partial index",
        does="expects half of all rows/has not been analysed for months/casts the column first/"
        "reads pages in random order/holds only open orders/estimates one row",
        when="the function wraps the column/the range covers a year/the types differ/rows are wide/"
        "the table has just been loaded",
        follows="a full scan is cheaper on paper/the nested loop runs a million times/the cache is "
        "emptied/the latency doubles at noon/the lock queue grows",
        act="compare estimated and actual rows/run the analysis again/rewrite the predicate as a "
        "range/add the status column in front/look at the plan with buffers",
        belief="an index is used whenever it exists/hints solve it for good/more memory is the cure",
    ),
    Subject(
        "how can a harbour have one high tide a day while the next has two",
        thing="the basin/the tidal wave/the shelf/the moon's declination/the strait/the amphidrome",
        does="resonates near twelve hours/turns around a point without tide/lags behind the moon/"
        "is delayed by shallow water/cancels its own echo/leans towards the equator",
        when="the moon stands far north/the bay is half as long/sun and moon pull at right angles/"
        "the river is in flood/the wind blows for days",
        follows="one of the two peaks disappears/the range shrinks to a hand's width/charts show "
        "double ebbs/the currents turn early/ships wait outside",
        act="read both constituents in the table/compare the phase with the open coast/plot a month "
        "of heights/ask for the local datum/leave a margin under the keel",
        belief="the moon lifts the water beneath it/tides are the same all over/wind makes the tide",
    ),
    Subject(
        "can White win the ending with rook and pawn against rook when the king is cut off",
        thing="the defending king/the rook on the fourth rank/the pawn/the checking distance/"
        "the short side/the bridge/the seventh rank",
        does="shields the king from checks/needs three free files/arrives one move late/"
        "controls the square of promotion/shuts the king off/becomes passive",
        when="the pawn has reached the sixth rank/the rooks stand on one file/it is Black's move/"
        "the king hides in front of the pawn/a knight's pawn is left",
        follows="the checks run out/the draw is lost at once/Philidor's set-up holds/the pawn "
        "queens by force/stalemate saves half a point",
        act="bring the rook behind the pawn/keep the checks going from afar/build the bridge/"
        "step to the long side with the rook/exchange only when the pawn runs",
        belief="all rook endings are drawn/an extra pawn decides/the king belongs in the corner",
    ),
    Subject(
        "what makes the lowest string of my violin whistle when I cross to it",
        thing="the bow hair/the new string/the bridge/the sounding point/the rosin/the soundpost",
        does="slips before it grips/vibrates along its length/stands a little too high/"
        "damps the low partials/collects in grains/leans towards the scroll",
        when="the stroke begins without weight/the air is dry/the elbow stays low/the finger "
        "touches the harmonic/the string is a week old",
        follows="a torsional tone is heard/the attack scratches/the open string speaks late/"
        "the colleague winces/the chord falls apart",
        act="lead with the upper arm/start with the bow already on the string/clean the contact "
        "place/try a wound string of another alloy/play near the fingerboard first",
        belief="only cheap strings whistle/more rosin helps/pressing hard is the remedy",
    ),
    Subject(
        "how does a glacier slide when its bed is frozen",
        thing="the basal ice/the till/the meltwater film/the crevasse field/the snow line/the tongue",
        does="creeps like cold honey/shears in thin bands/carries boulders for miles/melts under "
        "pressure/speeds up in spring/calves into the lake",
        when="the slope steepens/rain reaches the bed/the margin thins/rock heat adds up/"
        "the summer is long",
        follows="the surface cracks across/the stakes move a metre a day/the valley is scoured/"
        "water spurts from the front/the terminus retreats",
        act="drill to the bed for a temperature/survey stakes twice a year/trace dye through the "
        "channels/separate creep from slip in the model/map the striae",
        belief="ice moves as one block/cold glaciers stand still/retreat means backward motion",
    ),
    Subject(
        "why should a course of antibiotics not be kept for the next sore throat",
        thing="the leftover dose/the virus/the resistant strain/the swab/the gut flora/the pharmacist",
        does="cannot harm a cold/survives low concentrations/loses strength in a warm bathroom/"
        "takes weeks to recover/answers within a day/spreads in the household",
        when="the fever is viral/a tablet is skipped/the box is past its date/kidneys work slowly/"
        "other medicine is taken",
        follows="the wrong germ is selected/a rash appears/the real cause is missed/the next "
        "infection is harder to treat/the throat heals anyway",
        act="return the rest to the pharmacy/ask for a quick test/drink and rest for three days/"
        "note every reaction/see a doctor if swallowing fails",
        belief="a sore throat is bacterial/stopping early is always dangerous/stronger is safer",
    ),
    Subject(
        "my compost heap smells of ammonia: what is wrong with it",
        thing="the grass layer/the carbon share/the core/the lid/the worm box/the bottom row of sticks",
        does="mats into a wet sheet/gives off nitrogen/heats to sixty degrees/keeps the rain in/"
        "lacks air/dries out at the edge",
        when="clippings come by the barrow/nothing brown is added/the heap is never turned/"
        "autumn is wet/kitchen scraps lie on top",
        follows="bacteria burn protein for energy/the neighbours complain/flies breed/worms leave/"
        "the finished soil is poor",
        act="mix in torn cardboard/turn it once a week/lift it off the ground/cover it with leaves/"
        "stop adding grass for a month",
        belief="lime removes the cause/smell means it works/compost needs a starter powder",
    ),
    Subject(
        "why do two trains on one track not need drivers who watch each other",
        thing="the block section/the axle counter/the distant signal/the interlocking/the overlap/"
        "the points machine/the dispatcher",
        does="admits a single train/counts wheels in and out/repeats the aspect ahead/locks the "
        "route/keeps a reserve of metres/reports its position",
        when="the rear coach has cleared/a wheel is missed/power fails/the route is set/fog is dense",
        follows="the signal falls to red/a technician must reset it/braking starts in time/"
        "conflicting moves are refused/the timetable slips",
        act="prove the section empty/test the lamp circuit/hand out a written order/walk the track/"
        "record the reset in the book",
        belief="drivers see far enough/computers decide alone/red lamps never burn out",
    ),
    Subject(
        "may I deduct the desk that I bought for working at home two days a week",
        thing="the receipt/the useful life/the lump sum/the separate room/the employer's grant/"
        "the assessment notice",
        does="must name the buyer/spreads the cost over years/covers small things/is examined "
        "closely/reduces the claim/arrives in spring",
        when="private use exceeds a tenth/the price is under the limit/the year has ended/"
        "an office exists elsewhere/the form asks for days",
        follows="only a share counts/the claim is struck out/interest is due/a single line is "
        "enough/the refund grows a little",
        act="keep a list of days/photograph the workplace/claim it in the year of payment/"
        "object within a month/compare both methods",
        belief="everything on a desk is deductible/small sums are never checked/cash needs no paper",
    ),
    Subject(
        "how can our small choir stay in tune through a long piece without accompaniment",
        thing="the alto line/the leading note/the conductor's pitch/the vowel/the room/the third",
        does="sags by a comma each page/is sung too wide/tires after forty bars/sits between "
        "two registers/swallows the overtones/pulls the basses down",
        when="breath is taken late/the tempo drags/the hall is warm/singers listen only to "
        "themselves/the text is foreign",
        follows="the last chord is a quarter tone low/the sopranos push/harmony blurs/the audience "
        "feels it without knowing/the organ entry hurts",
        act="rehearse on one vowel/hum the root before each section/stand in mixed order/"
        "sing cadences slowly/think the repeated note higher",
        belief="perfect pitch is needed/louder is surer/only beginners go flat",
    ),
    Subject(
        "which shutter speed do I need to photograph a hovering kestrel",
        thing="the wing tip/the long lens/the sensor/the autofocus point/the tripod/the background",
        does="moves ten metres a second/magnifies every tremor/adds grain in shade/jumps to the "
        "branches/restrains the pan/draws the eye away",
        when="the wind gusts/light comes from behind/the bird drops/the converter is mounted/"
        "the buffer is full",
        follows="feathers blur/the face falls into shadow/the burst ends early/cropping shows the "
        "noise/the picture looks lifeless",
        act="begin at a two-thousandth/raise the sensitivity without fear/prefocus on the hover/"
        "expose for the breast/support the lens with a bag",
        belief="stabilisers freeze birds/the sharpest aperture is smallest/more pixels mean reach",
    ),
    Subject(
        "why are the stars in my small telescope never as sharp as in pictures",
        thing="the mirror/the seeing/the eyepiece/the collimation/the tube/the diagonal/the focuser",
        does="cools slower than the air/boils near roofs/shows a comet's tail/drifts after a bump/"
        "holds a warm current/adds its own colour",
        when="it was carried out just now/Jupiter is low/the magnification is too high/dew settles/"
        "a chimney lies in line",
        follows="discs swell and dance/the double star will not split/the diffraction ring breaks/"
        "the image washes out/patience ends",
        act="let it cool for an hour/defocus a star and centre the shadow/observe over grass/"
        "use half the power/wait for the steady second",
        belief="bigger is always sharper/coatings repair bad optics/photographs are single looks",
    ),
    Subject(
        "my aquarium water turned cloudy a week after I set it up: should I change it all",
        thing="the filter sponge/the bacterial bloom/the gravel/the nitrite/the wood/the first fish",
        does="feeds on loose protein/peaks around day ten/houses the useful film/releases tannin/"
        "breathes at the surface/settles within days",
        when="food is left over/the sponge is rinsed under the tap/light burns all day/plants rot/"
        "the tank is overstocked",
        follows="the cycle starts again/the fish gasp/algae take the glass/the test strip turns "
        "violet/the haze clears by itself",
        act="change a third only/stop feeding for two days/measure nitrite daily/rinse the sponge "
        "in tank water/add fast plants",
        belief="clear water is healthy water/charcoal cures clouds/new tanks are clean",
    ),
    Subject(
        "do solar panels on a roof facing north make sense at fifty degrees latitude",
        thing="the north pitch/the inverter/the string/the diffuse light/the snow load/the meter",
        does="sees the sun on summer evenings/clips at noon/follows its weakest panel/still gives "
        "six tenths/slides off in one piece/runs both ways",
        when="the slope is shallow/a chimney shades one row/winter sky is grey/prices change by the "
        "hour/the roof needs tiles soon",
        follows="the yield is lower but flatter/the payback moves by years/one optimiser rescues "
        "the row/the heat pump runs on its own power/the permit takes longer",
        act="simulate the roof by the hour/cover the east side first/choose a smaller inverter/"
        "ask for the grid limit/leave a path for the sweep",
        belief="only south pays/panels hate cloud/batteries are always worth it",
    ),
    Subject(
        "which knot holds a modern slippery rope and can still be untied after load",
        thing="the bowline/the polymer cover/the figure of eight/the tail/the splice/the cleat",
        does="shakes loose in a swell/melts with friction/jams after a fall/needs a hand's width/"
        "keeps nearly all the strength/turns inside out",
        when="the rope is new/no load lies on it/the boat surges/salt has stiffened it/it is tied "
        "in the dark",
        follows="the loop opens unnoticed/a knife is the only way out/half of the strength is gone/"
        "the mooring chafes/the crew learns to check",
        act="add a second turn/dress it before loading/finish with a stopper/test it over the knee/"
        "splice what stays for a season",
        belief="old knots fit new ropes/more turns are stronger/a knot costs nothing",
    ),
    Subject(
        "how did printers align the colours of a poster before computers",
        thing="the register pin/the lithographic stone/the key plate/the damp paper/the tympan/"
        "the yellow run",
        does="fixes two corners/prints the outlines last/grows across the grain/carries the weight "
        "of the press/hides small gaps/dries overnight",
        when="the air is humid/the sheet is fed askew/ink is stiff/a stone is reground/the edition "
        "is large",
        follows="a white seam appears/the face has two mouths/the batch is sold as seconds/"
        "overlap saves the edge/the printer starts early in the day",
        act="punch all sheets together/print the lightest ink first/let the stack rest/trap the "
        "colours by a hair/pull a proof at every hundredth sheet",
        belief="old posters were painted/misregister was style/paper keeps its size",
    ),
]
