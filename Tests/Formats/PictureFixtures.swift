// Pictures written by Pillow 13 (and, where it cannot, by Python's zlib and struct), in base64, each with
// the size and the FNV-1a hash of the RGB bytes that Pillow reads from it.

import Foundation
import Testing

struct PictureFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let width: Int
    let height: Int
    let hash: UInt64
    let file: [UInt8]

    var testDescription: String { name }

    init(_ name: String, _ width: Int, _ height: Int, _ hash: UInt64, _ text: String) {
        self.name = name
        (self.width, self.height, self.hash) = (width, height, hash)
        file = Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    }

    /// FNV-1a.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    /// Baseline 4:2:0, progressive, 4:2:2, 4:4:4 with restarts, RGB without YCbCr, grey, CMYK.
    static let jpegs: [PictureFixture] = [
        PictureFixture(
            "baseline", 37, 22, 0x23322c518b837e57,
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcv
            Jik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7
            Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAWACUDASIAAhEBAxEB/8QAHwAAAQUBAQEB
            AQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKB
            kaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1
            dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl
            5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcF
            BAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5
            OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0
            tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwConxCv3jew
            NpIyyMP3khJ24Pb9K1YfEGtQaXb6dHHIDHks/lsWbvk54qkLq7mOJDAI/wC5GlTpeyxsXB+ZhgnGT+tczrxv
            YnmQ661nWF020gKFYBEIo1WMkkAgjPvwKfY+MtViD2N2r4xlQ67AgPc+o9qcuqXAYN8gQLj7uSauR+JblVfz
            hvD45RtjD/P0q1Uj3KujItPEN9ArRwWbTgHlxGTn9KKu6l4m1CZovsMxt0RMNuIYsfXOKKXto9yk4mCs5Knl
            uKk85gR6UUV55gO8446daSWUqm4jrx1oopoEV2mJ5FFFFMD/2Q==
            """),
        PictureFixture(
            "progressive", 37, 22, 0x23322c518b837e57,
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcv
            Jik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7
            Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAAWACUDASIAAhEBAxEB/8QAGAABAQEBAQAA
            AAAAAAAAAAAAAAMBBAL/xAAYAQEBAQEBAAAAAAAAAAAAAAABAAMCBP/aAAwDAQACEAMQAAABj1wpkbu26eRY
            PB6PPnoaYr//xAAcEAACAgMBAQAAAAAAAAAAAAAAAQIDBBESExX/2gAIAQEAAQUC+hPSyLlVK67zhmWojkTR
            1JnbR6yFkyLMmxmzZsbNn//EABcRAAMBAAAAAAAAAAAAAAAAABARICH/2gAIAQMBAT8BYyP/xAAXEQADAQAA
            AAAAAAAAAAAAAAAAARIg/9oACAECAQE/AbRSLWP/xAAfEAABBAEFAQAAAAAAAAAAAAABABESIQIDECBBYYH/
            2gAIAQEABj8ChE32VjpgGvFiOmYUoZJhg/xWzeb2hAx5f//EAB4QAAMAAQQDAAAAAAAAAAAAAAABESEQQVFh
            MXGx/9oACAEBAAE/IU9rk3oObAOqxSeYhC4t9VSCttdx86QTF3YqXEnAgn53hxj3DJZuaLHcvTBUZ//aAAwD
            AQACAAMAAAAQqcO/hD//xAAXEQEAAwAAAAAAAAAAAAAAAAABABAR/9oACAEDAQE/EMTSDQr/xAAZEQACAwEA
            AAAAAAAAAAAAAAAAARARUWH/2gAIAQIBAT8Qd1C0OkKP/8QAHhABAQACAgMBAQAAAAAAAAAAAREAITFBUWGh
            cfD/2gAIAQEAAT8QbZBsXR6+YCQ01Oyt1ijYlgqCJfejA5WUSl7fJ6w0SOym/MFRHFeF0RZX7gBpMdlyMpnc
            r+/MoJHoJebMVW9MgnjKnHOPUc65xHZn/9k=
            """),
        PictureFixture(
            "sideways", 37, 22, 0xcfab9cc83c657931,
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcv
            Jik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7
            Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAWACUDASEAAhEBAxEB/8QAHwAAAQUBAQEB
            AQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKB
            kaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1
            dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl
            5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcF
            BAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5
            OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0
            tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwConxCv3jew
            NpIyyMP3khJ24Pb9K1YfEGtQaXb6dHHIDHks/lsWbvk54qeZ9ARHdazrC6baQFCsAiEUarGSSAQRn34FPsfG
            WqxB7G7V8YyoddgQHufUe1JSY7IrWniG+gVo4LNpwDy4jJz+lFHOylC4wXV3McSGAR/3I0qdL2WNi4PzMME4
            yf1rjdaXNdMwcncnXVLgMG+QIFx93JNXI/Etyqv5w3h8co2xh/n6Vqq9lsW5LoVdS8TahM0X2GY26ImG3EMW
            PrnFFJ4jXRlKcLaowVnJU8txUnnMCPSuMxHeccdOtJLKVTcR14601cEyu0xPIopgf//Z
            """),
        PictureFixture(
            "full", 37, 22, 0x96493716361a16b0,
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcv
            Jik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7
            Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAWACUDAREAAhEBAxEB/8QAHwAAAQUBAQEB
            AQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKB
            kaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1
            dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl
            5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcF
            BAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5
            OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0
            tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/90ABAAC/9oADAMBAAIRAxEAPwCo
            nxCv3jewNpIyyMP3khJ24Pb9Knm0EasPiDWoNLt9OjjkBjyWfy2LN3yc8Ury2sOyP//QmutZ1hdNtIChWARC
            KNVjJJAIIz78Cs+Zjsh9j4y1WIPY3avjGVDrsCA9z6j2qlJrcLJn/9EtPEN9ArRwWbTgHlxGTn9KjnZajfYY
            Lq7mOJDAI/7kaVyVKrexi5dj/9KRL2WNi4PzMME4yf1rz415rdmak+pOuqXAYN8gQLj7uSa2jWtqaOUWj//T
            14/Etyqv5w3h8co2xh/n6VzfWLbonm8irqXibUJmi+wzG3REw24hix9c4pPEJ7aFKcVuj//UzlnJU8txXkO5
            lck85gR6UID/1annHHTrXkaoyuJLKVTcR1461Woz/9bLaYnkV5VjM//Z
            """),
        PictureFixture(
            "plainRGB", 37, 22, 0x4e3834b5830fdf3f,
            """
            /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAKBwcIBwYKCAgICwoKCw4YEA4NDQ4dFRYRGCMfJSQiHyIhJis3LyYp
            NCkhIjBBMTQ5Oz4+PiUuRElDPEg3PT47/8AAEQgAFgAlA1IRAEcRAEIRAP/EAB8AAAEFAQEBAQEBAAAAAAAA
            AAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEV
            UtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SF
            hoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz
            9PX29/j5+v/aAAwDUgBHAEIAAD8App8Qb90ewNnIVkYfvJMnbg9v0qqnxBvmjewNpIyyMP3khJxg9v0qjH8S
            NQeB7H7I7LIw/eSEnbz2/DFa8Gv6xb6XbafGkmYsln8tiz+5zxWrF4g1qHS7fTo45FaPJZ/LYs3uc8VqReJP
            EEGk2+mRQShogS0nlsWfPOTnimXWsasmm2cLIRbiIRRqsZJIBBGfyHWo7rWdYXTbSAoVgEQijVYySQCCM+/A
            qC517XRp1pb+SVgWERRqkZJIBBGffgfrT7HxfqibrG6WQDG4CQbAg9fce1OsfGWqxB7K7V8YyodSmwHufUe1
            Taf431iDfY3sT9Nyh18vYDzk+o9qgstcvow8dtZtcKp5dY81VtfEV9bho4bMzgHlxGTz+VVrTxTqFurJBYtO
            oPLiInJ/Kqhvryc4YwrH2SNKlilupTiY23lf3I0NY9xrN7dcB0jjHSONABUseozRuXzyRgttyf1qwLho2Lr9
            5hgnqf1qSDxDfwuWM2SRgkoCauDWZCFJUBVGM4BzTlv7pXDZjVAuPu5JrQt/Etyj+YFULjB+UHNWo/FM4V/O
            jLB8cxttYfT/APVV2PX7kB/NIcPjlDsYf5+lX4/HVzEJPtUBcPj5o32sP8/SoL/xZdSmIWjNCqphtxDFj65q
            pqWv6nO0X2Cf7MiJhtxDFj65xVPVvHl7ctD/AGbcPZoibXDKHLn1zXNi5O05LcelZKT5UnLcVxYnfByx/Cn+
            ewxz8vepDMwI7iniZ/U475NO+0kDOBz0pxlyOnXpTxO6855NEkzBd/qcHmmyy7U3EdeODSySvgMTkn1qu0xP
            IHeq5m3cjNQvI2eMV//Z
            """),
        PictureFixture(
            "grey", 37, 22, 0x734f9eb142b22aaa,
            """
            /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcv
            Jik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/wAALCAAWACUBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAEC
            AwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk
            M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJ
            ipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3
            +Pn6/9oACAEBAAA/AKifEK/eN7A2kjLIw/eSEnbg9v0rVh8Qa1Bpdvp0ccgMeSz+WxZu+Tnio7rWdYXTbSAo
            VgEQijVYySQCCM+/Ap9j4y1WIPY3avjGVDrsCA9z6j2qtaeIb6BWjgs2nAPLiMnP6UwXV3McSGAR/wByNKnS
            9ljYuD8zDBOMn9anXVLgMG+QIFx93JNXI/Etyqv5w3h8co2xh/n6VV1LxNqEzRfYZjboiYbcQxY+ucVgrOSp
            5bipPOYEelO8446daSWUqm4jrx1qu0xPIr//2Q==
            """),
        PictureFixture(
            "cmyk", 37, 22, 0x4292565af35b3dda,
            """
            /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAbEhQXFBEbFxYXHhwbIChCKyglJShROj0wQmBVZWRfVV1baniZgWpx
            kHNbXYW1hpCeo6utq2eAvMm6pseZqKuk/8AAFAgAFgAlBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAA
            AAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNC
            scEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6
            g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq
            8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwCMavKQYvLbBPU9qjGrykGLy2IJ6ntUQ1mYqYvLJBPU84rpqsJd
            3CQJCA3y9Tg5NWFu7lYEhUMCOpwcmp1vLtbdIFVsrnLYOTRSSXFwIY1IOzbtUAUklzcCGNcEJt2gAU2S7uvJ
            jTbhAu0AD/PpRSw6jOMxSA+ozxiiLUZ1zFID6jIxinQ6ncJmKVT6jIxiimRXUoyEjLgdwKZHeSpkLGWHrtqO
            O+mQEJEWHrtoqMyyN12gegFOVpG+9s2+gFV3uZX7gD0A4opwmYHPr3xT95ByOppUu5VOd36UVL9pPHHAoEsg
            IOVAxjpUyXrg5wMfSini+fB3DOfQ4NSi7fB3YOfTg1KuqOufMTOe6nBops1+7bfLJUAYOec1HPdzsV8ptgAw
            c85qO41WVyvkuYwBg5Gc0VRD8d6rhuO9Zm8+pop24/hS7jS7j+FFG+l3Uu8iihmOM0jNgZoZj1ophamFs00k
            0V//2Q==
            """),
    ]

    /// Every kind of colour and depth; “See” has one transparent colour.
    static let pngs: [PictureFixture] = [
        PictureFixture(
            "palette4", 9, 5, 0x84813c11b7394e36,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFBAMAAABlfdtYAAAAJFBMVEWpq6OenZmYmI6NlYODi29+hWlxh0p7
            gGlrf0Jnfj1xeFtcYU15MMAxAAAAJ0lEQVR4nGMUYmD6o8C4e88B2z8su+/9nvOBRUBIyESKRVj4/0d2AK+u
            C25sHDzgAAAAAElFTkSuQmCC
            """),
        PictureFixture(
            "palette8See", 9, 5, 0x916749dccd8b98d9,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAMAAACgjTZZAAAAWlBMVEWtrqWjqJinpqien5mdm5iZmZaYmo2X
            k36NlYOGjm+KiId2iVd+hWlyiEtviUZxhkuBfnh6f2pwg0hsgEFrfkVogD1mfTtofD58eXJ4eHFkeTlrdFNS
            U0pJS0PRCDdLAAAABHRSTlP///8AQCqp9AAAADlJREFUeJwFwYkRgCAMBMBDBIbHyBtDRvtv0104b52t55Hw
            vSJp7ypoucTgDYBJRFe++wNl5jWG6g84qwKcV8967gAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "grey1", 9, 5, 0x83cbbeb005ceeb2a,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFAQAAAAC/KPvGAAAAF0lEQVR42mOo38RQWM3gOosh3pNhfz0AJQ4E
            4yT+xbkAAAAASUVORK5CYII=
            """),
        PictureFixture(
            "grey2", 9, 5, 0x92ad568cc3940b50,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFAgAAAAD4iIEWAAAAHElEQVR42mN4zqjN8HZ/GAP7iwQGH3MGBt/j
            twFERAbXJS5COwAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "grey4", 9, 5, 0xdc61d67e9f00ca34,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFBAAAAAB3yHS2AAAAKUlEQVR42gEeAOH/ALCQvqtoAPD15mS/AB+V
            541zAHnTz8MHAKYnudhJ8EsPJ26ZShsAAAAASUVORK5CYII=
            """),
        PictureFixture(
            "rgba", 9, 5, 0xcceb118ca30ca004,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAYAAACXU8ZrAAAAxElEQVR4nAG5AEb/AZeZmF/5+/kjDQsJQP36
            +RcFBQX26OflHBYWGyQKCxCU4+LffgFJS0PXCQgHAigmKKkCAwN2EQ0Gxevv9lP8+vs1Eg4Pc/j49jAEMTQn
            9vwK7YEECfBbDAMTRQr+A0AgERz6Cw4L2AwLEjj89vZSBPH/20YF/wKj+ffvcfH95BQFAQmHAfIFN/3s/Bb+
            /fju+fn66gT3+vFl+/4DxAABAgsAAQGV+wT4fgH+A84BAAAF+fn7yPz8/U3RmVVLr6rqagAAAABJRU5ErkJg
            gg==
            """),
        PictureFixture(
            "greyAlpha", 9, 5, 0x614dd5d568376cfa,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAQAAAA9Wg7gAAAAaklEQVR4nAFfAKD/AZhf+iMMQPsXBfbnHBYk
            DJThfgSxeAkCJ6kCdg7F8kHtNg8V+McEMvYDgQlbB0UEQCH6DdgMOPhSBPdGB6P8cfEUA4cAN/8W/e756gL4
            ZfXE9Qv3lfhK+OH57/XI+E01HS0Tx5zgiQAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "greySee", 9, 5, 0x614dd5d568376cfa,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAAAAACyOJm3AAAAAnRSTlMACQ9PdZwAAAA9SURBVHicATIAzf8B
            mPoM+wXnFgzhAUkJJwIO7vsP+AQyAwkHBCENDPgE9wf88QMA//35BPj8AQAEAAD5/M7fE1yCqbYXAAAAAElF
            TkSuQmCC
            """),
        PictureFixture(
            "rgbSee", 9, 5, 0xcceb118ca30ca004,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAIAAAAYMVE8AAAABnRSTlMAAQACAAPJS6v1AAAAkUlEQVR4nAXB
            uw6CMBQA0F7aqqWAggmLDk7KauIfOBk+UP02BxMf0UQN4lB6+8JzYH88oMVUCm+Qc/583MtyFsvJ9XKGXb0V
            o2G1rCJK83TwapQztsjGWiu23qxc/GHim9BpHOgin8tMJrJwSrG2P/E+wq5p/Y2DgB/3bxe8RjSsM60NlEBE
            ACzTECgQgmid83+VdUFGXId8gQAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "rgb16", 9, 5, 0x6fdf65aea40ffe63,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFEAIAAABIoY1/AAABHklEQVR42gETAez+AA5/2xY6S/ncLnmoBdkz
            nYo4EpUUIOu5TPHWJnvPOjVsDKM6Zz31Pwdoyl4BYAfRH6jrHgKpCgC74o6GOjaupTFm3kHw4ImdZRqZwzOx
            OGIa9f51fSZJ/z/FE85WBhj7LXEoYfOtf68+xjnzxn8AvKUe14ALPrCvaTm0vFqQY7o7CuA+r5UiFQQzlLl1
            s7g7anHY8Z59hhhOG2D1AmxPGA1HbMG0AEOzBLiGebXjkqasEtJ5He+cIAaITHeYW9GlOKxrx0+S7d4tQUwI
            ZlKj1jG4+QskmEKUIYGeWQC8krrCjyRBZOpJA1QaBenjo7qQQwMAJzq8AtS2VTGJn++KbQyRB4IVvCyMYLcq
            KNVP7p1mUUbXyXwMGv+WmgAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "greyAlpha16", 9, 5, 0xd6d317e09f9b2ac9,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFEAQAAABtytKjAAAAxElEQVR42gG5AEb/AGDtA1HZUEc9BB+sykJF
            YeBs/EwUklD+Dq7p16uGxAtWuKTakgATt3gmFqQr3NNwSXOvSh7lSejby2xVkbQoXgs7iL1axJpEUQ0Aq7fx
            kZm1kGe8FST/OcDRMuByT/JylzsXGzuIn8qpkJQiQiHmAIlZd0wUYe7mN9sHrO4K8eOycRMz5CgcwiZTLvEU
            1nAMKNx3XQDsgfKiF70BG4eEk4JYOw2hj66UwzMAWu20ROpopY68cDDnZXmculeKOQle/gAAAABJRU5ErkJg
            gg==
            """),
        PictureFixture(
            "rgba16", 9, 5, 0x1deeca7b8098b183,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFEAYAAADHwxooAAABeElEQVR42gFtAZL+AOcKYPQz4hwyCyz5f3DW
            wQx9yNtssQ4A8gxPxp5oD4BZAqW+/kPTj5oB+e3yaFQuBKyExXUdmr/VgYT6wcJKUWgBGFd/HviUawBxAIGH
            0n/xOm5AKclNv+QTwOImalUJKEiIHQe8rL3Rv6t1DbZp+qnsr3ab7hAoRS+dOWwdg1ziIRa8oLqlG2f4kqdr
            7dfYEasAwgLK9+MhC9/aysMDnE6GHleEF90JdRUVIJkv+0PXztPwuQv1Xxg+XPdlFSZgPlGEsjP++GRGAl4L
            0dLjNc9CYlYXh9KJt8U6ABN94HqOM6xTqsp8O1AWh+SsC0jN6YDAI/l4bOxZnZH4Dx0hRP5FKm33mveJi1Q3
            qNg/WHH1ERUmnCZX7tHFKLHz6F4KF1p20AAOwmS75PfqLquQR52Ynm2A2/NCBxsNau16yR64I4pqT7MIGARN
            /V0XrxMJwrsiOybbJ0SDioIR5jLG2e1x9ZZEUsjqELcKsH6sgK+yFe0ltAAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "interlaced", 9, 5, 0xcceb118ca30ca004,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAIAAAFvNmGqAAAAnUlEQVR42gGSAG3/AJeZmIqIhwCfnpgAYng2
            aoI+YXU5AJ2fmp2bmABmfTtsgEEAen9qfpJil5N+o6iYq6mgAJCUkZqZk4eFfaemqAB2iVeKlXWYmo2vs6oA
            Znw5Zn48a4BBZXk8AElLQ1JTSnp5cnx8dY2Je3h4cXRybIaAe354cQBrfkVwiEdviUZvhkZ0h091hVRyhlBw
            g0hpfEKb/D/gRRSUYwAAAABJRU5ErkJggg==
            """),
        PictureFixture(
            "gamma", 9, 5, 0xcceb118ca30ca004,
            """
            iVBORw0KGgoAAAANSUhEUgAAAAkAAAAFCAIAAAAYMVE8AAAABGdBTUEAAYagMeiWXwAAAJdJREFUeNoBjABz
            /wCXmZiQlJGdn5qamZOfnpiHhX2dm5inpqiKiIcASUtDUlNKenlyfHx1jYl7eHhxdHJshoB7fnhxAHp/anaJ
            V36SYoqVdZeTfpiajaOomK+zqqupoABrfkVwiEdviUZvhkZ0h091hVRyhlBwg0hpfEIAYng2Znw5Zn07Zn48
            aoI+a4BBbIBBZXk8YXU5tFU/4MVZYWEAAAAASUVORK5CYII=
            """),
    ]
}
