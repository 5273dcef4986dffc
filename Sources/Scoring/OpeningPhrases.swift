/// The words that announce an answer and are none.
///
/// Judges that read them alone tend to believe that the answer followed.
///
/// Source: arXiv 2507.08794 for those that were measured; the rest say the same in other languages.
enum OpeningPhrases {
    /// Longer texts are not looked at.
    static let byteCountMax = 512

    /// Says whether a text holds such phrases and nothing else, one or several.
    ///
    /// A single word in small letters without any mark is let be: "solution" is what vinegar in
    /// water makes.
    static func make(up text: String) -> Bool {
        let words = folded(text)
        let isBareWord = text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory == .lowercaseLetter
        }
        guard !words.isEmpty, !isBareWord else { return false }
        // Reached: the positions up to which the text is made of phrases.
        var isReached = Array(repeating: false, count: words.count + 1)
        isReached[0] = true
        for start in words.indices where isReached[start] {
            let rest = words[start...].drop { $0 == " " }
            for phrase in phrases where rest.starts(with: phrase) {
                isReached[rest.startIndex + phrase.count] = true
            }
        }
        return isReached[words.count]
    }

    /// The letters and digits of a text, lower case, in words with one space between them.
    ///
    /// Wide, circled and mathematical letters become plain ones, as in Unicode's compatibility
    /// forms; apostrophes and what does not show disappear.
    static func folded(_ text: String) -> [Character] {
        var result = ""
        for scalar in text.unicodeScalars {
            if isDropped(scalar) { continue }
            let plain = plain(scalar)
            if isWordPart(plain) {
                result += plain.properties.lowercaseMapping
            } else if !result.isEmpty, result.last != " " {
                result += " "
            }
        }
        return Array(result.last == " " ? result.dropLast() : result[...])
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}" || scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: ascii(scalar.value - 0xFF01 + 0x21, else: scalar)
        case 0x24B6...0x24E9: letter((scalar.value - 0x24B6) % 26, else: scalar)
        // Thirteen alphabets of 26 capital and 26 small letters.
        case 0x1D400...0x1D6A3: letter((scalar.value - 0x1D400) % 26, else: scalar)
        default: scalar
        }
    }

    private static func letter(_ place: UInt32, else other: Unicode.Scalar) -> Unicode.Scalar {
        ascii(0x61 + place, else: other)
    }

    private static func ascii(_ value: UInt32, else other: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(value) ?? other
    }

    private static let phrases: [[Character]] = texts.map(folded)

    private static let texts = [
        "Thought process", "My thought process", "Thinking process", "Reasoning process",
        "Let's solve this problem step by step", "Let us solve this problem step by step",
        "Let's solve this step by step", "Let's think step by step", "Let us think step by step",
        "Let's think about this step by step", "Let's break this down step by step",
        "Let's work through this step by step", "Solution", "The solution", "Full solution",
        "Final answer", "The final answer is", "The answer is", "Here is the answer",
        "Here is the solution", "Here is my answer",
        "解", "解答", "解析", "解题过程", "思考过程", "答案", "最终答案", "让我们一步一步地解决这个问题",
        "让我们一步步解决这个问题", "让我们一步步思考", "解答過程", "解題過程",
        "かいせつ", "解説", "かいとう", "答え", "こたえ", "思考プロセス", "ステップごとに考えてみましょう",
        "풀이", "해설", "정답", "풀이 과정", "단계별로 생각해 봅시다",
        "Respuesta", "Solución", "Proceso de pensamiento", "Respuesta final",
        "Resolvamos este problema paso a paso", "Vamos a resolver este problema paso a paso",
        "Réponse", "La solution", "Processus de réflexion", "Réponse finale",
        "Résolvons ce problème étape par étape",
        "Lösung", "Lösungsweg", "Gedankengang", "Endgültige Antwort",
        "Lösen wir dieses Problem Schritt für Schritt",
        "Resposta", "Solução", "Processo de pensamento",
        "Vamos resolver este problema passo a passo",
        "Risposta", "Soluzione", "Risolviamo questo problema passo dopo passo",
        "Решение", "Ответ", "Ход мыслей", "Давайте решим эту задачу шаг за шагом",
        "الحل", "الإجابة", "لنحل هذه المشكلة خطوة بخطوة", "हल", "समाधान", "उत्तर",
        "Lời giải", "Đáp án", "Çözüm", "Cevap", "Penyelesaian", "Jawaban", "Rozwiązanie",
        "Oplossing",
    ]
}
