"""Names of the months in the languages that documents are written in, and their usual short forms.

Short forms that are common words elsewhere ("set", "ago") are left out.
"""

_FORMS = (
    (
        "january jan januar januari j\u00e4nner jaenner janvier janv enero gennaio janeiro "
        "ianuarie "
        "stycznia stycze\u0144 ledna leden ocak tammikuuta tammikuu "
        "\u044f\u043d\u0432\u0430\u0440\u044f \u044f\u043d\u0432\u0430\u0440\u044c"
    ),
    (
        "february feb februar februari f\u00e9vrier fevrier f\u00e9vr febrero febbraio fevereiro "
        "februarie lutego luty \u00fanora \u00fanor \u015fubat helmikuuta helmikuu "
        "\u0444\u0435\u0432\u0440\u0430\u043b\u044f \u0444\u0435\u0432\u0440\u0430\u043b\u044c"
    ),
    (
        "march mar m\u00e4rz maerz mrz mars marzo mar\u00e7o marco maart marts martie marca marzec "
        "b\u0159ezna b\u0159ezen mart maaliskuuta maaliskuu "
        "\u043c\u0430\u0440\u0442\u0430 \u043c\u0430\u0440\u0442"
    ),
    (
        "april apr avril abril aprile aprilie kwietnia kwiecie\u0144 dubna duben nisan huhtikuuta "
        "huhtikuu \u0430\u043f\u0440\u0435\u043b\u044f \u0430\u043f\u0440\u0435\u043b\u044c"
    ),
    (
        "may mai mayo maggio maio mei maj maja kv\u011btna kv\u011bten may\u0131s toukokuuta "
        "toukokuu "
        "\u043c\u0430\u044f \u043c\u0430\u0439"
    ),
    (
        "june jun juni juin junio giugno junho iunie czerwca czerwiec \u010dervna \u010derven "
        "haziran "
        "kes\u00e4kuuta kes\u00e4kuu \u0438\u044e\u043d\u044f \u0438\u044e\u043d\u044c"
    ),
    (
        "july jul juli juillet juil julio luglio julho iulie lipca lipiec \u010dervence "
        "\u010dervenec "
        "temmuz hein\u00e4kuuta hein\u00e4kuu \u0438\u044e\u043b\u044f \u0438\u044e\u043b\u044c"
    ),
    (
        "august aug ao\u00fbt aout agosto augustus augusti sierpnia sierpie\u0144 srpna srpen "
        "a\u011fustos elokuuta elokuu agustus "
        "\u0430\u0432\u0433\u0443\u0441\u0442\u0430 \u0430\u0432\u0433\u0443\u0441\u0442"
    ),
    (
        "september sep sept septembre septiembre setiembre settembre setembro septembrie "
        "wrze\u015bnia "
        "wrzesie\u0144 z\u00e1\u0159\u00ed eyl\u00fcl syyskuuta syyskuu "
        "\u0441\u0435\u043d\u0442\u044f\u0431\u0440\u044f "
        "\u0441\u0435\u043d\u0442\u044f\u0431\u0440\u044c"
    ),
    (
        "october oct oktober okt octobre octubre ottobre outubro octombrie pa\u017adziernika "
        "pa\u017adziernik \u0159\u00edjna \u0159\u00edjen ekim lokakuuta lokakuu "
        "\u043e\u043a\u0442\u044f\u0431\u0440\u044f \u043e\u043a\u0442\u044f\u0431\u0440\u044c"
    ),
    (
        "november nov novembre noviembre novembro noiembrie listopada listopad listopadu "
        "kas\u0131m "
        "marraskuuta marraskuu "
        "\u043d\u043e\u044f\u0431\u0440\u044f \u043d\u043e\u044f\u0431\u0440\u044c"
    ),
    (
        "december dec dezember dez d\u00e9cembre decembre d\u00e9c diciembre dicembre dezembro "
        "decembrie desember grudnia grudzie\u0144 prosince prosinec aral\u0131k joulukuuta "
        "joulukuu "
        "\u0434\u0435\u043a\u0430\u0431\u0440\u044f \u0434\u0435\u043a\u0430\u0431\u0440\u044c"
    ),
)

MONTH_NUMBER = {
    name: number for number, names in enumerate(_FORMS, start=1) for name in names.split()
}
"""From a name in lower case to the month's number, 1 to 12."""
