/// The special tokens that a `tokenizer_config.json` of Hugging Face names, read as hostile input.
package struct TokenizerConfigJSON: Sendable {
    /// The longest file that is read: real ones list some thousand added tokens at most.
    package static let maximumBytes = 8 << 20

    /// The text of the token that begins a text.
    package let beginToken: String?
    /// The text of the token that ends an answer.
    package let endToken: String?
    /// The text of the token that fills up a batch.
    package let paddingToken: String?
    /// Whether a prompt has to start with `beginToken`.
    package let addsBegin: Bool
    /// The template that writes a conversation, if the file has one; of several the one called "default".
    package let chatTemplate: String?

    /// Reads a file.
    ///
    /// Throws: `notFound`, `unreadable`, `notRegularFile`, `limit`, `changed`, `badFormat`.
    package init(at path: String) throws(ImportError) {
        let file = try readWholeFile(at: path, maximumBytes: Self.maximumBytes)
        try self.init(file.bytes, name: file.name)
    }

    /// Parses the bytes of a file, which error texts call by a name.
    ///
    /// Throws: `limit`, `badFormat`.
    package init(_ bytes: [UInt8], name: String) throws(ImportError) {
        let content = try decodeJSON(
            Content.self,
            bytes,
            name: name,
            maximumBytes: Self.maximumBytes
        )
        beginToken = content.beginToken?.text
        endToken = content.endToken?.text
        paddingToken = content.paddingToken?.text
        addsBegin = content.addsBegin ?? false
        chatTemplate = content.chatTemplate?.text
    }

    private struct Content: Decodable {
        let beginToken: SpecialToken?
        let endToken: SpecialToken?
        let paddingToken: SpecialToken?
        let addsBegin: Bool?
        let chatTemplate: ChatTemplate?

        enum CodingKeys: String, CodingKey {
            case beginToken = "bos_token"
            case endToken = "eos_token"
            case paddingToken = "pad_token"
            case addsBegin = "add_bos_token"
            case chatTemplate = "chat_template"
        }
    }

    /// A template is written as its text, or as one of several with names.
    private struct ChatTemplate: Decodable {
        let text: String?

        private struct Named: Decodable {
            let name: String
            let template: String
        }

        init(from decoder: any Decoder) throws {
            // What is no list is tried as a text next.
            if let named = try? [Named](from: decoder) {
                text = named.first { $0.name == "default" }?.template
            } else {
                text = try decoder.singleValueContainer().decode(String.self)
            }
        }
    }

    /// A token is written as its text, or as an object with the text in `content`.
    private struct SpecialToken: Decodable {
        let text: String

        private enum CodingKeys: String, CodingKey {
            case content
        }

        init(from decoder: any Decoder) throws {
            // What is not an object is tried as a text next.
            if let fields = try? decoder.container(keyedBy: CodingKeys.self) {
                text = try fields.decode(String.self, forKey: .content)
            } else {
                text = try decoder.singleValueContainer().decode(String.self)
            }
        }
    }
}
