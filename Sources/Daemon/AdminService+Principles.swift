package import GRPCCore
package import Wire

// The principle cache comes with a later release; until then its verbs say so.
extension AdminService {
    private func refusal(_ verb: String) -> RPCError {
        StatusMapping.answer(
            to: DaemonError(
                .notSupported,
                subject: verb,
                expected: "a principle cache",
                found: "a release without one",
                advice: "use principle_reuse OFF or FIXED"
            )
        )
    }

    /// Refused: `notSupported`.
    package func listPrinciples(
        request: Grm_V1_ListPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ListPrinciplesReply { throw refusal("ListPrinciples") }

    /// Refused: `notSupported`.
    package func showPrinciples(
        request: Grm_V1_ShowPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_ShowPrinciplesReply { throw refusal("ShowPrinciples") }

    /// Refused: `notSupported`.
    package func pinPrinciples(
        request: Grm_V1_PinPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_PinPrinciplesReply { throw refusal("PinPrinciples") }

    /// Refused: `notSupported`.
    package func editPrinciples(
        request: Grm_V1_EditPrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_EditPrinciplesReply { throw refusal("EditPrinciples") }

    /// Refused: `notSupported`.
    package func deletePrinciples(
        request: Grm_V1_DeletePrinciplesRequest,
        context: ServerContext
    ) async throws -> Grm_V1_DeletePrinciplesReply { throw refusal("DeletePrinciples") }

    /// Refused: `notSupported`.
    package func exportPrinciples(
        request: Grm_V1_ExportPrinciplesRequest,
        response: RPCWriter<Grm_V1_PrincipleEntry>,
        context: ServerContext
    ) async throws { throw refusal("ExportPrinciples") }

    /// Refused: `notSupported`.
    package func importPrinciples(
        request: RPCAsyncSequence<Grm_V1_PrincipleEntry, any Error>,
        context: ServerContext
    ) async throws -> Grm_V1_ImportPrinciplesReply { throw refusal("ImportPrinciples") }

    /// Refused: `notSupported`.
    package func principleStats(
        request: Grm_V1_PrincipleStatsRequest,
        context: ServerContext
    ) async throws -> Grm_V1_PrincipleStatsReply { throw refusal("PrincipleStats") }
}
