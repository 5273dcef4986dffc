private import CKernels

/// Cosines and sines of the rotary angles of every position.
///
/// angle(position, i) = position * base^(-2i / headWidth), in 32-bit arithmetic as the models were
/// trained. Source: RoFormer (arXiv 2104.09864), Eq. 15.
package struct RotaryTable: Sendable {
    package let headWidth: Int
    package let positionCount: Int
    let cosines: [Float]
    let sines: [Float]

    /// Computes the table.
    ///
    /// Cost: positionCount * headWidth / 2 sines and cosines.
    package init(headWidth: Int, positionCount: Int, base: Float) {
        self.headWidth = headWidth
        self.positionCount = positionCount
        precondition(headWidth > 0 && headWidth.isMultiple(of: 2) && positionCount > 0)
        var cosines = [Float](repeating: 0, count: positionCount * headWidth / 2)
        var sines = cosines
        // Safety: both arrays have headWidth / 2 floats a position.
        unsafe cosines.withUnsafeMutableBufferPointer { cosines in
            unsafe sines.withUnsafeMutableBufferPointer { sines in
                unsafe ck_rotary_table(
                    headWidth,
                    positionCount,
                    base,
                    cosines.baseAddress,
                    sines.baseAddress
                )
            }
        }
        self.cosines = cosines
        self.sines = sines
    }
}
