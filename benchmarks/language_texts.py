"""Short texts of our own in many languages, with the letters that tell encodings apart."""

TEXTS = {
    "en": "The keeper’s café opens at seven – “naïve” visitors pay 5 € for a résumé of the façade. "
    "Mrs. Müller’s daughter reads the log every evening, and nobody else may open the door. "
    "The oil costs £12 a barrel; the old price (¥300) no longer holds.",
    "fr": "L’élève près de la forêt a reçu une lettre où l’on parle d’un château brûlé. "
    "Le gardien vérifie la lampe à huit heures, même à Noël, et paie 5 € pour le gâteau. "
    "Français et Françaises, après l’été, la mer était déjà très agitée, ça va sans dire.",
    "de": "Der Schlüssel für das Lager liegt jede Nacht beim Pförtner, die Bücher im größten Regal. "
    "Änderungen an der Straße müssen über das Büro geprüft werden, Übergabe täglich um fünf. "
    "Grüße aus München und Köln: das Öl wird wöchentlich geliefert und süß schmeckt es nicht.",
    "es": "El niño pequeño recibió la contraseña mañana; ¿dónde está el señor Muñoz? "
    "La lámpara se enciende según el horario y el dueño pagará después del próximo año. "
    "¡Atención! Aquí también se vende jamón, y la cigüeña volvió al campanario de España.",
    "pt": "A reunião será amanhã às nove; não haverá refeição na estação até então. "
    "O guarda não pode abrir o portão sem autorização, e o óleo é entregue às terças. "
    "Os pães são bons, as lâmpadas estão em posição e a tripulação já conhece a região.",
    "it": "La luce è accesa perché il guardiano è già arrivato; però la città è lontana. "
    "Il caffè costa più di due euro e la qualità non è così buona: lunedì si può provare. "
    "Andrà tutto bene se la società pagherà l’olio, cioè entro martedì.",
    "nl": "De reünie van de zeeën vindt plaats in één café, beïnvloed door het weer in België. "
    "Coördinatie met de financiën is geïnstalleerd; de vóórkant is naïef geschilderd. "
    "Zij heeft geërfd wat de patiënten in Brazilië hebben geïnd.",
    "sv": "Nyckeln till förrådet ligger på kontoret och får inte lånas ut på kvällarna. "
    "Åtta män gick över ön för att hämta olja; där är det kallt på hösten ända till våren. "
    "Göran måste också läsa böckerna i hörnet innan båten går från Malmö.",
    "da": "Nøglen til lageret ligger på kontoret og må ikke lånes ud om aftenen før klokken syv. "
    "Åge så færgen sejle fra København til Ærø, og på øen er der både æbler og rødgrød. "
    "Vi kører først på mandag, når båden er kørt ud på søen.",
    "no": "Nøkkelen til lageret ligger på kontoret, og båten går ikke før klokka åtte på lørdag. "
    "Været på øya er kjølig, så fyrvokteren må ha på seg både lue og støvler når han går ut. "
    "Årsmøtet begynner på Tromsø og varer i to døgn, så følg nøye med.",
    "fi": "Varaston avain säilytetään yöllä portilla, eikä sitä saa lainata ilman lupaa. "
    "Öljy tuodaan tänään höyrylaivalla, ja majakan vartija lähtee töihin iltapäivällä. "
    "Älä pysäköi tähän: hätäkäytävä on pidettävä täysin vapaana ympäri vuorokauden.",
    "pl": "Klucz do magazynu leży u portiera, a książka w żółtej szafie pod łóżkiem. "
    "Dziś wieczorem strażnik zapali lampę, choć będzie padać deszcz ze śniegiem. "
    "Proszę wziąć świeżą rybę, która pływała w jeziorze; źródło jest gdzieś niedaleko.",
    "cs": "Klíč od skladu leží u vrátného a kniha ve žluté skříni pod postelí. "
    "Dnes večer hlídač rozsvítí lampu, přestože bude pršet a foukat čerstvý vítr. "
    "Příští týden přijede nákladní loď s olejem, ať už řeka stoupne, nebo ne; účet zaplatí město.",
    "sk": "Kľúč od skladu leží u vrátnika a kniha v žltej skrini pod posteľou. "
    "Dnes večer strážnik rozsvieti lampu, hoci bude pršať a fúkať čerstvý vietor. "
    "Budúci týždeň príde nákladná loď s olejom; účet zaplatí mesto, ako každý mesiac.",
    "hu": "A raktár kulcsa éjjel az őrnél van, a könyv pedig a sárga szekrényben fekszik. "
    "Ma este az őr meggyújtja a lámpát, bár esőt és erős szelet jósolnak a következő napokra. "
    "Jövő héten érkezik az olajszállító hajó, és a város fizeti a költséget, mint mindig.",
    "ro": "Cheia depozitului stă noaptea la portar, iar cartea este în dulapul galben de lângă uşă. "
    "Astăzi paznicul aprinde lampa, deşi va ploua şi va bate vântul; toţi locuitorii ştiu asta. "
    "Săptămâna viitoare soseşte vaporul cu ulei, iar oraşul plăteşte, fireşte, întreaga cheltuială.",
    "hr": "Ključ skladišta noću je kod čuvara, a knjiga leži u žutom ormaru ispod kreveta. "
    "Večeras će čuvar upaliti svjetiljku, iako će padati kiša i puhati jak vjetar. "
    "Sljedeći tjedan stiže brod s uljem; račun plaća općina, kao što je i običaj među ljudima.",
    "sl": "Ključ skladišča je ponoči pri čuvaju, knjiga pa leži v rumeni omari pod posteljo. "
    "Nocoj bo čuvaj prižgal luč, čeprav bo deževalo in bo pihal močan veter z morja. "
    "Naslednji teden pride ladja z oljem; račun bo plačala občina, kot je že običaj.",
    "tr": "Deponun anahtarı gece bekçide durur, kitap ise yatağın altındaki sarı dolaptadır. "
    "Bu akşam bekçi lambayı yakacak, çünkü yağmur yağacak ve güçlü bir rüzgâr esecek. "
    "Önümüzdeki hafta yağ gemisi gelecek; İstanbul’daki şirket ücreti öğleden önce ödeyecek.",
    "ru": "Ключ от склада ночью лежит у сторожа, а книга стоит в жёлтом шкафу под окном. "
    "Сегодня вечером смотритель зажжёт лампу, хотя обещают дождь и сильный ветер. "
    "На следующей неделе придёт судно с маслом; счёт, как обычно, оплатит город.",
    "uk": "Ключ від складу вночі лежить у сторожа, а книга стоїть у жовтій шафі під вікном. "
    "Сьогодні ввечері доглядач запалить лампу, хоча обіцяють дощ і сильний вітер. "
    "Наступного тижня прийде судно з олією; рахунок, як завжди, сплатить місто Київ.",
    "bg": "Ключът от склада нощем е при пазача, а книгата е в жълтия шкаф под прозореца. "
    "Тази вечер пазачът ще запали лампата, въпреки че се очакват дъжд и силен вятър. "
    "Следващата седмица ще дойде корабът с масло; сметката, както винаги, плаща общината.",
    "el": "Το κλειδί της αποθήκης είναι τη νύχτα στον φύλακα και το βιβλίο στην κίτρινη ντουλάπα. "
    "Απόψε ο φύλακας θα ανάψει τη λάμπα, αν και θα βρέξει και θα φυσά δυνατός άνεμος. "
    "Την επόμενη εβδομάδα έρχεται το πλοίο με το λάδι· Άρα το κόστος το πληρώνει ο δήμος.",
    "he": "המפתח של המחסן נמצא בלילה אצל השומר, והספר מונח בארון הצהוב שמתחת לחלון. "
    "הערב ידליק השומר את המנורה, אף על פי שצפויים גשם ורוח חזקה מן הים. "
    "בשבוע הבא תגיע האונייה עם השמן; את החשבון משלמת, כרגיל, העירייה.",
    "ar": "يبقى مفتاح المخزن ليلا عند الحارس، والكتاب في الخزانة الصفراء تحت النافذة. "
    "هذا المساء سيشعل الحارس المصباح، مع أن المطر متوقع والرياح قوية على الساحل. "
    "في الأسبوع القادم تصل السفينة بالزيت، وتدفع البلدية الحساب كما هي العادة دائما.",
    "lt": "Sandėlio raktas naktį yra pas sargą, o knyga guli geltonoje spintoje po langu. "
    "Šį vakarą sargas uždegs lempą, nors žadamas lietus ir stiprus vėjas nuo jūros. "
    "Kitą savaitę atplauks laivas su aliejumi; sąskaitą, kaip visada, apmokės miestas.",
    "lv": "Noliktavas atslēga naktī ir pie sarga, bet grāmata stāv dzeltenajā skapī zem loga. "
    "Šovakar sargs iedegs lampu, lai gan gaidāms lietus un stiprs vējš no jūras. "
    "Nākamnedēļ pienāks kuģis ar eļļu; rēķinu, kā vienmēr, samaksās pašvaldība.",
    "et": "Lao võti on öösel valvuri juures ja raamat seisab kollases kapis akna all. "
    "Täna õhtul süütab valvur lambi, kuigi lubatakse vihma ja tugevat tuult merelt. "
    "Järgmisel nädalal tuleb õlilaev; arve maksab nagu tavaliselt linn, ütles ülem.",
    "th": "กุญแจโกดังอยู่ที่ยามในเวลากลางคืน และหนังสืออยู่ในตู้สีเหลืองใต้หน้าต่าง "
    "เย็นนี้ยามจะจุดตะเกียง แม้ว่าฝนจะตกและลมจะแรงจากทะเล "
    "สัปดาห์หน้าเรือน้ำมันจะมาถึง เทศบาลเป็นผู้จ่ายค่าใช้จ่ายตามปกติ",
    "ja": "倉庫の鍵は毎晩守衛のところにあります。本は窓の下の黄色い棚に置いてあります。"
    "今夜は雨と強い風が予想されますが、灯台守はランプに火をつけます。"
    "来週、油を積んだ船が到着し、費用はいつものように町が支払います。",
    "zh-cn": "仓库的钥匙每天晚上放在门卫那里，书放在窗户下面的黄色柜子里。"
    "今天晚上虽然有雨，风也很大，看守人还是要点灯。"
    "下个星期运油的船会到港，费用照例由港务局支付，请各部门提前准备有关文件。",
    "zh-tw": "倉庫的鑰匙每天晚上放在警衛那裡，書放在窗戶下面的黃色櫃子裡。"
    "今天晚上雖然有雨，風也很大，看守人還是要點燈。"
    "下個星期運油的船會到港，費用照例由港務局支付，請各部門提前準備有關文件。",
    "ko": "창고 열쇠는 밤마다 경비원이 보관하고, 책은 창문 아래 노란 장에 있습니다. "
    "오늘 저녁에는 비가 오고 바람이 강하게 불겠지만 등대지기는 등불을 켭니다. "
    "다음 주에 기름을 실은 배가 도착하며, 비용은 늘 그렇듯이 시청에서 지급합니다.",
}
"""langdetect's name of a language, and a text in it."""
