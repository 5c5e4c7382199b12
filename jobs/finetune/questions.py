"""Plain facts that a small model may know: a beginning, how it goes on, and three ways in which it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A sentence to be ended."""

    beginning: str
    endings: tuple[str, str, str, str]
    """The right one first; each follows the beginning after a blank."""


def _questions(*rows: tuple[str, str, str, str, str]) -> tuple[Question, ...]:
    return tuple(Question(beginning, (right, a, b, c)) for beginning, right, a, b, c in rows)


QUESTIONS = _questions(
    ("The capital of France is", "Paris.", "Madrid.", "Berlin.", "Lisbon."),
    ("The capital of Japan is", "Tokyo.", "Seoul.", "Beijing.", "Bangkok."),
    ("The capital of Italy is", "Rome.", "Athens.", "Vienna.", "Paris."),
    ("The capital of Egypt is", "Cairo.", "Nairobi.", "Tunis.", "Ankara."),
    ("The capital of Russia is", "Moscow.", "Warsaw.", "Kiev.", "Oslo."),
    ("The Amazon rainforest lies in", "South America.", "Western Europe.", "Central Asia.", "North Africa."),
    ("The Great Wall was built in", "China.", "India.", "Greece.", "Mexico."),
    ("The pyramids of Giza stand in", "Egypt.", "Brazil.", "Norway.", "Japan."),
    ("The Eiffel Tower was built of", "iron.", "wood.", "glass.", "stone."),
    ("The longest river of Africa is the", "Nile.", "Rhine.", "Danube.", "Ganges."),
    ("The largest ocean on Earth is the", "Pacific.", "Arctic.", "Baltic.", "Indian."),
    ("The highest mountain on Earth is Mount", "Everest.", "Etna.", "Fuji.", "Olympus."),
    ("The planet closest to the Sun is", "Mercury.", "Saturn.", "Neptune.", "Jupiter."),
    ("The largest planet of the solar system is", "Jupiter.", "Mars.", "Venus.", "Mercury."),
    ("The planet with the most famous rings is", "Saturn.", "Venus.", "Mars.", "Mercury."),
    ("The Earth moves around the", "Sun.", "Moon.", "Mars.", "clouds."),
    ("The Moon moves around the", "Earth.", "Sun.", "stars.", "comets."),
    ("At sea level, water boils at a temperature of 100 degrees", "Celsius.", "north.", "latitude.", "Kelvin."),
    ("When water freezes it turns into", "ice.", "steam.", "sand.", "oil."),
    ("A molecule of water is made of oxygen and", "hydrogen.", "helium.", "carbon.", "iron."),
    ("The gas that we need to breathe is", "oxygen.", "helium.", "neon.", "methane."),
    ("The chemical symbol of gold is", "Au.", "Fe.", "Pb.", "Na."),
    ("The chemical symbol of iron is", "Fe.", "Au.", "Ag.", "He."),
    ("The lightest of all elements is", "hydrogen.", "lead.", "iron.", "gold."),
    ("Diamonds consist of", "carbon.", "silver.", "sodium.", "calcium."),
    ("Plants make their food with the help of", "sunlight.", "moonlight.", "thunder.", "gravity."),
    ("The green colour of leaves comes from", "chlorophyll.", "hemoglobin.", "calcium.", "caffeine."),
    ("The organ that pumps blood through the body is the", "heart.", "liver.", "stomach.", "brain."),
    ("We breathe with our", "lungs.", "kidneys.", "bones.", "ears."),
    ("We think with our", "brain.", "liver.", "elbows.", "lungs."),
    ("The largest animal that lives today is the blue", "whale.", "mouse.", "eagle.", "horse."),
    ("The tallest animal on land is the", "giraffe.", "rabbit.", "tiger.", "sheep."),
    ("A young dog is called a", "puppy.", "kitten.", "calf.", "lamb."),
    ("A young cat is called a", "kitten.", "puppy.", "foal.", "cub."),
    ("Bees make", "honey.", "bread.", "paper.", "milk."),
    ("Cows give us", "milk.", "honey.", "silk.", "eggs."),
    ("Silk is made by", "worms.", "sheep.", "bees.", "fish."),
    ("A spider has eight", "legs.", "wings.", "tails.", "ears."),
    ("Fish breathe with", "gills.", "wings.", "lungs.", "feathers."),
    ("Birds are covered with", "feathers.", "scales.", "wool.", "bark."),
    ("Penguins are birds that cannot", "fly.", "swim.", "walk.", "eat."),
    ("A triangle has three", "sides.", "circles.", "wheels.", "centuries."),
    ("A square has four equal", "sides.", "circles.", "curves.", "colors."),
    ("A week has seven", "days.", "hours.", "months.", "years."),
    ("A year has twelve", "months.", "weeks.", "days.", "hours."),
    ("An hour has sixty", "minutes.", "days.", "weeks.", "years."),
    ("The day after Monday is", "Tuesday.", "Friday.", "Sunday.", "Thursday."),
    ("The first month of the year is", "January.", "August.", "October.", "June."),
    ("In the northern hemisphere it is coldest in", "winter.", "summer.", "July.", "spring."),
    ("Mixing blue and yellow paint gives", "green.", "red.", "white.", "pink."),
    ("The colour of snow is", "white.", "black.", "green.", "red."),
    ("Romeo and Juliet was written by William", "Shakespeare.", "Newton.", "Mozart.", "Darwin."),
    ("The theory of relativity was developed by Albert", "Einstein.", "Picasso.", "Columbus.", "Dickens."),
    ("The theory of evolution is linked to Charles", "Darwin.", "Mozart.", "Columbus.", "Lincoln."),
    ("The first person to walk on the Moon was Neil", "Armstrong.", "Einstein.", "Newton.", "Mandela."),
    ("The first president of the United States was George", "Washington.", "Mozart.", "Darwin.", "Einstein."),
    ("The opposite of hot is", "cold.", "warm.", "loud.", "sweet."),
    ("The opposite of up is", "down.", "left.", "tall.", "fast."),
    ("Lemons taste", "sour.", "salty.", "metallic.", "loud."),
    ("Books are borrowed from a", "library.", "bakery.", "hospital.", "stable."),
    ("Bread is baked in an", "oven.", "engine.", "aquarium.", "elevator."),
    ("When you are ill you should see a", "doctor.", "plumber.", "painter.", "pilot."),
    ("An airplane is flown by a", "pilot.", "baker.", "nurse.", "farmer."),
    ("To drive a nail into wood you use a", "hammer.", "spoon.", "pillow.", "candle."),
)  # fmt: skip
