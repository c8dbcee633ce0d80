// The emoji this page can say by name. A name that isn't here stays as it was typed, as Slack leaves it.

const TABLE = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 wave 👋 clap 👏 pray 🙏 muscle 💪 raised_hands 🙌 ok_hand 👌 point_right 👉
point_left 👈 point_up 👆 point_down 👇 eyes 👀 brain 🧠 smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 wink 😉 blush 😊
slightly_smiling_face 🙂 upside_down_face 🙃 heart_eyes 😍 sunglasses 😎 thinking_face 🤔 neutral_face 😐 sleeping 😴
sleepy 😪 yawning_face 🥱 cry 😢 sob 😭 scream 😱 angry 😠 rage 😡 sweat_smile 😅 relieved 😌 worried 😟 confused 😕
nerd_face 🤓 partying_face 🥳 shrug 🤷 facepalm 🤦 heart ❤️ blue_heart 💙 green_heart 💚 yellow_heart 💛 broken_heart 💔
sparkles ✨ star ⭐ star2 🌟 fire 🔥 boom 💥 zap ⚡ 100 💯 tada 🎉 confetti_ball 🎊 gift 🎁 trophy 🏆 medal 🏅 rocket 🚀
ship 🚢 anchor ⚓ boat ⛵ sailboat ⛵ island 🏝️ ocean 🌊 fish 🐟 whale 🐳 octopus 🐙 turtle 🐢 snail 🐌 dog 🐶 cat 🐱
bug 🐛 bee 🐝 seedling 🌱 evergreen_tree 🌲 palm_tree 🌴 cactus 🌵 leaves 🍃 sunny ☀️ sunrise 🌅 city_sunset 🌆 cloud ☁️
partly_sunny ⛅ rain_cloud 🌧️ snowflake ❄️ snowman ⛄ umbrella ☔ rainbow 🌈 moon 🌔 crescent_moon 🌙 full_moon 🌕
new_moon 🌑 first_quarter_moon 🌓 last_quarter_moon 🌗 new_moon_with_face 🌚 full_moon_with_face 🌝 night_with_stars 🌃
zzz 💤 bed 🛏️ coffee ☕ tea 🍵 beer 🍺 pizza 🍕 cake 🍰 birthday 🎂 apple 🍎 hourglass ⌛ hourglass_flowing_sand ⏳
watch ⌚ alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock9 🕘 clock12 🕛 calendar 📆 date 📅
spiral_calendar_pad 🗓️ white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎
no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 warning ⚠️ rotating_light 🚨 construction 🚧 exclamation ❗ question ❓
grey_question ❔ grey_exclamation ❕ bangbang ‼️ information_source ℹ️ bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 speaker 🔈
mute 🔇 speech_balloon 💬 thought_balloon 💭 red_circle 🔴 large_orange_circle 🟠 orange_circle 🟠 large_yellow_circle 🟡
yellow_circle 🟡 large_green_circle 🟢 green_circle 🟢 large_blue_circle 🔵 blue_circle 🔵 large_purple_circle 🟣
purple_circle 🟣 brown_circle 🟤 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_orange_square 🟧
large_yellow_square 🟨 large_green_square 🟩 large_blue_square 🟦 large_purple_square 🟪 white_large_square ⬜
black_large_square ⬛ small_blue_diamond 🔹 small_orange_diamond 🔸 large_blue_diamond 🔷 large_orange_diamond 🔶
red_triangle 🔺 small_red_triangle 🔺 small_red_triangle_down 🔻 arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️
arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_counterclockwise 🔄 arrows_clockwise 🔃 repeat 🔁 recycle ♻️ back 🔙 soon 🔜
heavy_plus_sign ➕ heavy_minus_sign ➖ heavy_division_sign ➗ money_with_wings 💸 moneybag 💰 dollar 💵 euro 💶
credit_card 💳 receipt 🧾 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 pushpin 📌
round_pushpin 📍 paperclip 📎 link 🔗 lock 🔒 unlock 🔓 closed_lock_with_key 🔐 key 🔑 old_key 🗝️ shield 🛡️ mag 🔍
mag_right 🔎 bulb 💡 battery 🔋 low_battery 🪫 electric_plug 🔌 computer 💻 desktop_computer 🖥️ keyboard ⌨️ floppy_disk 💾
cd 💿 package 📦 inbox_tray 📥 outbox_tray 📤 file_folder 📁 open_file_folder 📂 page_facing_up 📄 scroll 📜 memo 📝
pencil ✏️ pencil2 ✏️ books 📚 book 📖 bookmark 🔖 label 🏷️ newspaper 📰 email ✉️ envelope ✉️ incoming_envelope 📨
telephone_receiver 📞 satellite 🛰️ satellite_antenna 📡 globe_with_meridians 🌐 earth_africa 🌍 world_map 🗺️ compass 🧭
wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 toolbox 🧰 broom 🧹 wastebasket 🗑️ scissors ✂️ magnet 🧲
test_tube 🧪 microscope 🔬 crystal_ball 🔮 game_die 🎲 dart 🎯 art 🎨 house 🏠 office 🏢 factory 🏭 hospital 🏥
building_construction 🏗️ busts_in_silhouette 👥 bust_in_silhouette 👤 robot_face 🤖 ghost 👻 skull 💀 crown 👑
checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️ stop_button ⏹️ arrow_forward ▶️ double_vertical_bar ⏸️
pause_button ⏸️ black_square_for_stop ⏹️ fast_forward ⏩ rewind ⏪ ice_cube 🧊 fire_extinguisher 🧯 wind_blowing_face 🌬️
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟
zero 0️⃣ hash #️⃣ id 🆔 new 🆕 ok 🆗 up 🆙 free 🆓
`;

const words = TABLE.trim().split(/\s+/);
const NAMES = new Map(words.flatMap((word, at) => (at % 2 ? [] : [[word, words[at + 1]]])));

const SIZE = 16;

/** What a canvas shows of a character, as text to compare. */
function drawnAs(character) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink.font = `${SIZE * 0.75}px sans-serif`;
  ink.fillText(character, 0, SIZE * 0.75);
  return ink.getImageData(0, 0, SIZE, SIZE).data.join();
}

const known = new Map();

/** Whether a font here has the character; without one the browser would draw an empty box in its place. */
export function isDrawable(character) {
  const first = String.fromCodePoint(character.codePointAt(0));
  if (!known.has("box")) known.set("box", drawnAs("\u{10fffd}"));
  if (!known.has(first)) known.set(first, drawnAs(first) !== known.get("box"));
  return known.get(first);
}

/** The character for a name such as `tada` or `wave::skin-tone-2`, else undefined. */
export const emojiFor = (name) => NAMES.get(name.split("::")[0].toLowerCase());
