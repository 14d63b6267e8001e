// Bits that must never move unnoticed: what every attack in every norm makes and proposes, on a
// network of dense layers and on one of convolutions. To renew them after a change that means to move
// them: run this test, and paste the lines that it prints.

import Networks
import Tensors
import Testing

@testable import Attacks

/// Convolutions, pooling and a dense layer, for images of one channel, 8 × 8, and four classes.
private func convolutional() throws -> Architecture {
    try Architecture(
        "small-cnn", imageShape: [1, 8, 8],
        layers: [
            ChannelsLast(),
            Convolution("conv1", inputs: 1, outputs: 4, kernel: 3, padding: 1), ReLU("relu1"),
            MaxPool("pool1", kernel: 2),
            Convolution("conv2", inputs: 4, outputs: 6, kernel: 3, padding: 1), ReLU("relu2"),
            MaxPool("pool2", kernel: 2), Flatten(),
            Linear("fc1", inputs: 24, outputs: 12), ReLU("relu3"),
            Linear("fc2", inputs: 12, outputs: 4),
        ])
}

@Suite("Golden attacks")
struct GoldenAttackTests {
    @Test(arguments: Case.all)
    func adversarialImagesHaveTheirGoldenBits(_ item: Case) throws {
        let engine = Engine(threads: 2)
        let found = try [small, convolutional()].map { architecture in
            let classifier = try network(engine, architecture)
            let (images, labels) = try samples(20, for: classifier)
            let result = try AttackDriver(item.threat()).run(
                item.attack, on: classifier, images: images, labels: labels,
                keys: Array(500..<520))
            // What a failure proposed counts too: by its distances, and what it took.
            var all = result.adversarial.values
            for (size, effort) in zip(result.proposedDistances, result.efforts) {
                all += [Float(size.l2), Float(size.l1), Float(effort.forwardPasses)]
            }
            return digest(Tensor(shape: [all.count], values: all))
        }
        let expected = Self.golden[item.testDescription] ?? []
        #expect(
            found == expected,
            "\"\(item.testDescription)\": [\(found.map(String.init).joined(separator: ", "))],")
    }

    /// By attack and norm: the dense network, and the convolutional one.
    static let golden: [String: [UInt64]] = [
        "apgd-ce l1": [2_689_105_349_315_424_777, 927_993_439_430_815_416],
        "apgd-ce l2": [6_371_669_529_485_288_251, 4_771_799_177_816_316_692],
        "apgd-ce linf": [17_135_335_572_375_386_755, 10_768_789_518_739_870_227],
        "apgd-dlr l1": [11_131_040_443_138_379_606, 17_056_898_192_641_784_612],
        "apgd-dlr l2": [16_273_545_721_305_293_733, 12_421_479_084_268_037_550],
        "apgd-dlr linf": [13_023_609_714_540_833_432, 16_833_014_357_538_175_193],
        "apgd-targeted l1": [11_253_934_898_867_130_908, 5_626_376_015_231_585_841],
        "apgd-targeted l2": [2_362_226_235_703_015_602, 6_794_592_155_315_949_246],
        "apgd-targeted linf": [15_639_205_478_404_149_659, 6_095_041_116_392_299_873],
        "autoattack l2": [6_033_702_337_562_378_802, 7_431_839_155_757_691_687],
        "autoattack linf": [3_187_085_578_882_337_645, 1_136_879_869_459_117_979],
        "bim l2": [6_831_985_397_558_294_924, 14_249_354_159_718_383_766],
        "bim linf": [4_360_110_672_200_784_486, 6_189_945_001_715_618_173],
        "boundary l2": [1_296_685_264_544_642_467, 7_825_522_264_237_222_776],
        "cw-l0 l0": [5_842_344_709_527_624_603, 4_468_499_595_910_141_089],
        "cw-l2 l2": [4_551_997_704_890_320_932, 4_439_053_418_660_679_642],
        "cw-linf linf": [16_248_335_096_301_042_561, 1_259_146_205_661_931_136],
        "ddn l2": [437_883_804_881_575_991, 8_889_630_176_149_593_378],
        "deepfool l2": [11_797_234_385_722_748_196, 12_633_512_542_469_209_005],
        "deepfool linf": [18_043_908_765_531_970_366, 17_252_334_170_468_454_651],
        "di-fgsm linf": [11_990_848_222_904_858_068, 8_427_181_760_724_913_057],
        "ead l1": [857_508_192_455_736_396, 18_247_680_769_839_400_469],
        "ead l2": [857_508_192_455_736_396, 18_247_680_769_839_400_469],
        "fab l1": [14_571_324_047_098_763_243, 10_188_224_221_974_244_874],
        "fab l2": [11_014_036_280_278_932_752, 17_358_723_929_181_840_913],
        "fab linf": [9_345_248_624_629_958_761, 724_269_168_693_977_539],
        "fab-targeted l1": [213_103_242_225_859_916, 1_425_377_829_173_946_090],
        "fab-targeted l2": [2_749_934_174_753_138_946, 17_525_439_983_155_307_949],
        "fab-targeted linf": [15_779_829_539_980_125_718, 6_694_311_764_868_881_334],
        "fgm l1": [11_523_905_148_224_601_524, 4_405_929_804_812_674_161],
        "fgm l2": [11_629_886_059_105_242_107, 87_848_326_359_765_089],
        "fgsm linf": [9_425_896_432_682_174_212, 17_960_260_203_653_585_066],
        "fmn l0": [17_867_397_969_591_274_211, 15_319_862_433_189_178_254],
        "fmn l1": [13_481_174_062_696_577_700, 3_301_177_166_369_251_673],
        "fmn l2": [11_348_366_595_365_687_515, 6_083_527_518_378_452_107],
        "fmn linf": [10_762_814_546_726_827_344, 6_474_682_256_138_345_686],
        "gaussian-noise l2": [9_063_959_418_875_450_631, 3_247_824_683_851_048_762],
        "hop-skip-jump l2": [7_151_994_960_408_419_009, 7_825_522_264_237_222_776],
        "hop-skip-jump linf": [16_319_288_752_177_648_448, 7_825_522_264_237_222_776],
        "jsma l0": [10_802_649_152_556_741_212, 13_011_363_711_858_504_391],
        "jsma l1": [10_802_649_152_556_741_212, 13_011_363_711_858_504_391],
        "jsma l2": [10_802_649_152_556_741_212, 13_011_363_711_858_504_391],
        "jsma linf": [10_802_649_152_556_741_212, 13_011_363_711_858_504_391],
        "lbfgs l2": [15_506_909_596_496_278_698, 18_054_521_574_220_954_036],
        "least-epsilon l0": [3_170_406_364_757_442_992, 778_773_449_089_225_067],
        "least-epsilon l1": [7_429_157_223_549_588_926, 8_741_986_444_168_140_369],
        "least-epsilon l2": [5_540_496_833_492_965_992, 13_552_659_402_212_472_493],
        "least-epsilon linf": [15_030_957_017_803_980_032, 8_518_013_813_676_317_450],
        "mi-fgsm l2": [17_477_777_158_944_075_855, 7_588_295_692_190_251_647],
        "mi-fgsm linf": [3_886_318_237_886_444_757, 34_530_516_357_707_993],
        "ni-fgsm linf": [4_030_067_965_655_076_076, 1_595_744_060_258_912_560],
        "noise-sgd l2": [5_513_209_921_828_842_400, 529_606_977_400_305_941],
        "noise-sgd linf": [5_513_209_921_828_842_400, 529_606_977_400_305_941],
        "one-pixel l0": [1_999_713_388_088_676_220, 4_953_760_223_926_753_429],
        "pgd l1": [4_604_544_577_957_685_836, 5_276_069_656_855_610_111],
        "pgd l2": [12_460_452_513_621_155_443, 15_911_141_431_021_719_398],
        "pgd linf": [18_045_358_182_056_685_982, 8_096_757_254_305_592_925],
        "r-fgsm linf": [7_604_839_889_336_853_466, 9_834_672_658_957_957_319],
        "salt-and-pepper l0": [7_863_958_363_022_711_917, 11_085_729_065_237_044_313],
        "salt-and-pepper l1": [7_863_958_363_022_711_917, 11_085_729_065_237_044_313],
        "salt-and-pepper l2": [7_863_958_363_022_711_917, 11_085_729_065_237_044_313],
        "spatial l2": [14_482_896_381_347_780_892, 9_861_883_654_266_160_451],
        "spatial linf": [14_482_896_381_347_780_892, 9_861_883_654_266_160_451],
        "spsa linf": [4_408_900_627_627_540_223, 14_330_952_780_108_785_132],
        "square l2": [9_208_654_560_714_440_236, 9_404_224_542_229_179_784],
        "square linf": [15_179_284_941_196_410_785, 12_823_089_850_928_122_546],
        "ti-fgsm linf": [4_695_403_738_988_561_948, 9_458_664_324_421_850_766],
        "uniform-noise linf": [11_427_463_300_767_282_697, 17_291_709_268_586_719_403],
        "universal l2": [17_395_166_135_764_973_854, 13_594_697_881_324_145_518],
        "universal linf": [16_082_742_401_353_274_117, 7_588_278_362_916_591_590],
    ]
}
